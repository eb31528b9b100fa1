{% macro receipts(versions, keys) -%}
    select
        {{ keys | join(', ') }},
        min(valid_from) as received_at,
        max(last_open_number) is not null as is_receipt_observed
    from (
        select
            *,
            max(case when not is_received then version_number end) over (
                partition by {{ keys | join(', ') }}
            ) as last_open_number
        from {{ versions }}
    ) as followed
    where version_number > coalesce(last_open_number, 0)
    group by {{ keys | join(', ') }}
{%- endmacro %}
