{% test contiguous_periods(model, key) %}

    {{ config(store_failures=true) }}

    with

    followed as (

        select
            organization_id,
            {{ key }},
            version_number,
            valid_from,
            valid_to,
            is_current,
            lead(valid_from) over (
                partition by organization_id, {{ key }}
                order by version_number
            ) as next_valid_from,
            row_number() over (
                partition by organization_id, {{ key }}
                order by version_number
            ) as expected_number
        from {{ model }}

    )

    select * from followed
    where
        valid_from is null
        or valid_to is distinct from next_valid_from
        or valid_from >= valid_to
        or is_current is distinct from (next_valid_from is null)
        or version_number is distinct from expected_number

{% endtest %}
