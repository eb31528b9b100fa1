with

meters as (

    select * from {{ ref('stg_maintainx__meters') }}

),

details as (

    select
        *,
        {{
            parse_json('reading_frequency', {
                'type': 'text',
                'interval': 'integer',
                'day': 'integer',
                'days': 'json',
            })
        }} as frequency
    from {{ ref('stg_maintainx__meter_details') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

{# A meter without a location of its own takes the location of its asset. #}
readings as (

    select
        meters.*,
        assets.asset_name,
        coalesce(meters.location_id, assets.location_id) as known_location_id,
        {{
            parse_json('meters.last_reading', {
                'value': 'number',
                'readingDate': 'text',
                'createdAt': 'text',
            })
        }} as reading
    from meters
    left join assets
        on
            meters.organization_id = assets.organization_id
            and meters.asset_id = assets.asset_id

),

final as (

    select
        readings.organization_id,
        readings.meter_id,
        readings.asset_id,
        readings.known_location_id as location_id,
        locations.site_location_id,
        details.creator_id as created_by_user_id,
        details.updater_id as updated_by_user_id,
        details.meter_uuid,
        readings.name as meter_name,
        readings.unit,
        readings.measurement_type,
        details.description,
        details.frequency.type as reading_frequency,
        details.frequency.interval as reading_interval,
        details.frequency.day as reading_day,
        readings.asset_name,
        coalesce(locations.location_path, '') as location_path,
        locations.site_name,
        locations.site_label,
        {{ to_number('readings.reading.value') }} as last_value,
        readings.is_deleted,
        coalesce(
            {{ to_utc_timestamp('readings.reading.readingDate') }},
            {{ to_utc_timestamp('readings.reading.createdAt') }}
        ) as last_read_at,
        details.created_at,
        details.updated_at,
        {{ json_list('details.frequency.days') }} as reading_days
    from readings
    left join details
        on
            readings.organization_id = details.organization_id
            and readings.meter_id = details.meter_id
    left join locations
        on
            readings.organization_id = locations.organization_id
            and readings.known_location_id = locations.location_id

)

select * from final
