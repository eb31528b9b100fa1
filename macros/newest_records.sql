{% macro newest_records(relation, shape) %}
    with

    log as (

        select * from {{ relation }}

    ),

    newest as (

        select
            organization_id,
            id,
            max(_extracted_at) as extracted_at,
            max(case when _operation = 'upsert' then _extracted_at end) as payload_extracted_at
        from log
        group by organization_id, id

    ),

    parsed as (

        select
            log.organization_id,
            log.id,
            {{ parse_json('log.payload', dict(shape, deletedAt='text')) }} as record,
            newest.extracted_at,
            newest.extracted_at > newest.payload_extracted_at as is_gone
        from log
        inner join newest
            on
                log.organization_id = newest.organization_id
                and log.id = newest.id
                and log._extracted_at = newest.payload_extracted_at

    )

    select
        organization_id,
        id,
        record,
        is_gone or record.deletedAt is not null as is_deleted,
        {{ to_utc_timestamp('record.deletedAt') }} as deleted_at,
        extracted_at
    from parsed
{% endmacro %}
