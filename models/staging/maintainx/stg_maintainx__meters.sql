with

records as (

    {{ newest_records(source('maintainx', 'meters'), {
        'asset': {'id': 'integer'},
        'location': {'id': 'integer'},
        'name': 'text',
        'unit': 'text',
        'measurementType': 'text',
        'lastReading': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as meter_id,
        record.asset.id as asset_id,
        record.location.id as location_id,
        record.name,
        record.unit,
        record.measurementType as measurement_type,
        {{ json_object('record.lastReading') }} as last_reading,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
