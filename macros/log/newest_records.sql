{% macro newest_records(relation, shape, key=['organization_id', 'id']) %}
    {%- set key = key | join(', ') -%}
    with

    log as (

        select
            *,
            max(_extracted_at) over (partition by {{ key }}) as extracted_at,
            max(case when _operation = 'upsert' then _extracted_at end)
                over (partition by {{ key }})
                as payload_extracted_at
        from {{ relation }}

    ),

    parsed as (

        select
            {{ key }},
            {{ parse_json('payload', dict(shape, deletedAt='text')) }} as record,
            extracted_at,
            extracted_at > payload_extracted_at as is_gone
        from log
        where _extracted_at = payload_extracted_at

    )

    select
        {{ key }},
        record,
        is_gone or record.deletedAt is not null as is_deleted,
        {{ to_utc_timestamp('record.deletedAt') }} as deleted_at,
        extracted_at
    from parsed
{% endmacro %}
