with

manifest as (

    select * from {{ ref('stg_maintainx__source_manifest') }}
    where resource != 'work_orders'

),

readings as (

    select * from {{ ref('int_reconciliations__newest') }}
    where state = 'done'

),

records as (

    {% for list, id in list_models() if list != 'work_orders' %}
        select
            '{{ list }}' as resource,
            organization_id,
            {{ id }} as record_id,
            is_deleted,
            deleted_at,
            extracted_at
        from {{ ref('stg_maintainx__' ~ list) }}

        union all
    {% endfor %}

    {% for list, entity in custom_field_entities().items() %}
        select
            'custom_fields_{{ list }}' as resource,
            organization_id,
            custom_field_id as record_id,
            is_deleted,
            deleted_at,
            extracted_at
        from {{ ref('stg_maintainx__custom_fields') }}
        where entity = '{{ entity }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

at_source as (

    select
        manifest.organization_id,
        manifest.resource,
        manifest.record_id,
        manifest.source_updated_at,
        manifest.read_at
    from manifest
    inner join readings
        on
            manifest.organization_id = readings.organization_id
            and manifest.resource = readings.resource
            and manifest.run_id = readings.run_id
    where coalesce({{ json_member('manifest.payload', 'deletedAt') }}, '') = ''

),

in_warehouse as (

    select
        records.*,
        readings.ended_at as reading_ended_at
    from records
    inner join readings
        on
            records.organization_id = readings.organization_id
            and records.resource = readings.resource

),

pairs as (

    select
        coalesce(at_source.organization_id, in_warehouse.organization_id) as organization_id,
        coalesce(at_source.resource, in_warehouse.resource) as resource,
        coalesce(at_source.record_id, in_warehouse.record_id) as record_id,
        at_source.record_id is not null as is_at_source,
        coalesce(not in_warehouse.is_deleted, false) as is_in_warehouse,
        -- The listing of a stub does not say that the record is deleted; its detail does.
        in_warehouse.deleted_at is not null
        and coalesce(at_source.source_updated_at <= in_warehouse.extracted_at, true)
            as is_deletion_known,
        at_source.source_updated_at,
        coalesce(
            in_warehouse.extracted_at > coalesce(at_source.read_at, in_warehouse.reading_ended_at),
            false
        ) as is_seen_since
    from at_source
    full join in_warehouse
        on
            at_source.organization_id = in_warehouse.organization_id
            and at_source.resource = in_warehouse.resource
            and at_source.record_id = in_warehouse.record_id

),

final as (

    select
        pairs.organization_id,
        pairs.resource,
        pairs.record_id,
        readings.run_id,
        case
            when pairs.is_seen_since then 'match'
            when not pairs.is_at_source then 'missing_in_source'
            when pairs.is_in_warehouse or pairs.is_deletion_known then 'match'
            when pairs.source_updated_at > readings.watermark then 'newer_at_source'
            else 'missing_in_warehouse'
        end as result,
        pairs.source_updated_at
    from pairs
    inner join readings
        on
            pairs.organization_id = readings.organization_id
            and pairs.resource = readings.resource
    where
        pairs.is_at_source
        or pairs.is_in_warehouse

)

select * from final
