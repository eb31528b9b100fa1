{% macro record_versions(relation, shape) %}
    with

    log as (

        select * from {{ relation }}

    ),

    known as (

        select
            organization_id,
            id,
            _extracted_at,
            source_updated_at,
            _run_id,
            _operation = 'delete' as is_gone,
            max(case when _operation = 'upsert' then _extracted_at end) over (
                partition by organization_id, id
                order by _extracted_at
            ) as payload_extracted_at
        from log

    ),

    parsed as (

        select
            known.organization_id,
            known.id,
            known._run_id as run_id,
            {{ parse_json('log.payload', dict(shape, deletedAt='text')) }} as record,
            known.is_gone,
            known.source_updated_at,
            known._extracted_at as extracted_at
        from log
        inner join known
            on
                log.organization_id = known.organization_id
                and log.id = known.id
                and log._extracted_at = known.payload_extracted_at

    )

    select
        organization_id,
        id,
        run_id,
        record,
        is_gone,
        is_gone or record.deletedAt is not null as is_deleted,
        {{ to_utc_timestamp('record.deletedAt') }} as deleted_at,
        source_updated_at,
        extracted_at
    from parsed
{% endmacro %}
