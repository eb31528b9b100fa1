with

versions as (

    select * from {{ ref('stg_maintainx__meter_versions') }}

),

meters as (

    select * from {{ ref('dim_meters') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

read_versions as (

    select
        organization_id,
        meter_id,
        {{
            parse_json('last_reading', {
                'id': 'text',
                'value': 'number',
                'readingDate': 'text',
                'createdAt': 'text',
            })
        }} as reading,
        extracted_at
    from versions
    where
        not is_gone
        and last_reading is not null

),

{# A corrected reading has its newest value. #}
readings as (

    select
        organization_id,
        meter_id,
        reading.id as reading_id,
        {{ to_number('reading.value') }} as value,
        coalesce(
            {{ to_utc_timestamp('reading.readingDate') }},
            {{ to_utc_timestamp('reading.createdAt') }}
        ) as read_at,
        {{ to_utc_timestamp('reading.createdAt') }} as created_at,
        min(extracted_at) over (partition by organization_id, meter_id, reading.id) as observed_at
    from read_versions
    where reading.id is not null
    qualify
        row_number() over (
            partition by organization_id, meter_id, reading.id
            order by extracted_at desc
        ) = 1

),

final as (

    select
        readings.organization_id,
        readings.meter_id,
        readings.reading_id,
        meters.asset_id,
        meters.location_id,
        meters.meter_name,
        meters.unit,
        readings.value,
        readings.value - lag(readings.value) over (
            partition by readings.organization_id, readings.meter_id
            order by readings.read_at nulls last, readings.observed_at, readings.reading_id
        ) as value_change,
        {{
            local_date(
                'readings.read_at',
                "coalesce(locations.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as read_on,
        readings.read_at,
        readings.created_at,
        readings.observed_at
    from readings
    left join meters
        on
            readings.organization_id = meters.organization_id
            and readings.meter_id = meters.meter_id
    left join organizations
        on readings.organization_id = organizations.organization_id
    left join locations
        on
            meters.organization_id = locations.organization_id
            and meters.location_id = locations.location_id
    where coalesce(readings.read_at <= {{ as_of() }}, true)

)

select * from final
