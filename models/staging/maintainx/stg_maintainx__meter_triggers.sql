with

records as (

    {{ newest_records(source('maintainx', 'meter_triggers'), {
        'meterId': 'integer',
        'name': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as meter_trigger_id,
        record.meterId as meter_id,
        record.name,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
