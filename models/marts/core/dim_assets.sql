with

assets as (

    select * from {{ ref('stg_maintainx__assets') }}

),

paths as (

    select * from {{ ref('int_assets__paths') }}

),

criticalities as (

    select * from {{ ref('stg_maintainx__asset_criticalities') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

statuses as (

    select
        organization_id,
        asset_id,
        {{
            parse_json('status', {
                'status': 'text',
                'downtimeType': 'text',
                'startedAt': 'text',
                'description': 'text',
                'customStatus': {'label': 'text'},
            })
        }} as status,
        {{
            parse_json('depreciation', {
                'purchasePrice': 'number',
                'salvageValue': 'number',
                'currentBookValue': 'number',
                'annualDepreciation': 'number',
                'accumulatedDepreciation': 'number',
                'usefulLifeYears': 'number',
                'yearsDepreciated': 'number',
                'purchaseDate': 'text',
                'depreciationStartDate': 'text',
                'archivedAt': 'text',
            })
        }} as depreciation
    from assets

),

final as (

    select
        assets.organization_id,
        assets.asset_id,
        assets.parent_asset_id,
        paths.root_asset_id,
        assets.location_id,
        locations.site_location_id,
        assets.criticality_id,
        assets.creator_id as created_by_user_id,
        assets.name as asset_name,
        paths.asset_path,
        paths.root_asset_name,
        coalesce(locations.location_path, '') as location_path,
        locations.site_name,
        locations.site_label,
        criticalities.label as criticality,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone,
        assets.description,
        assets.serial_number,
        assets.manufacturer,
        assets.model,
        assets.barcode,
        statuses.status.status,
        statuses.status.downtimetype as downtime_type,
        statuses.status.customstatus.label as custom_status,
        statuses.status.description as status_description,
        criticalities.level as criticality_level,
        {{ to_amount('statuses.depreciation.purchaseprice') }} as purchase_price,
        {{ to_amount('statuses.depreciation.currentbookvalue') }} as book_value,
        {{ to_amount('statuses.depreciation.salvagevalue') }} as salvage_value,
        {{ to_amount('statuses.depreciation.annualdepreciation') }} as annual_depreciation,
        {{ to_amount('statuses.depreciation.accumulateddepreciation') }}
            as accumulated_depreciation,
        {{ to_number('statuses.depreciation.usefullifeyears') }} as useful_life_years,
        {{ to_number('statuses.depreciation.yearsdepreciated') }} as years_depreciated,
        paths.depth,
        paths.has_unknown_parent,
        paths.is_in_cycle,
        assets.is_deleted,
        assets.created_at,
        assets.updated_at,
        {{ to_utc_timestamp('statuses.status.startedAt') }} as status_started_at,
        {{ to_utc_timestamp('statuses.depreciation.purchaseDate') }} as purchased_at,
        {{ to_utc_timestamp('statuses.depreciation.depreciationStartDate') }}
            as depreciation_started_at,
        {{ to_utc_timestamp('statuses.depreciation.archivedAt') }} as depreciation_archived_at,
        assets.asset_types,
        assets.team_ids,
        assets.vendor_ids,
        assets.extra_fields as custom_fields
    from assets
    inner join paths
        on
            assets.organization_id = paths.organization_id
            and assets.asset_id = paths.asset_id
    inner join statuses
        on
            assets.organization_id = statuses.organization_id
            and assets.asset_id = statuses.asset_id
    left join locations
        on
            assets.organization_id = locations.organization_id
            and assets.location_id = locations.location_id
    left join criticalities
        on
            assets.organization_id = criticalities.organization_id
            and assets.criticality_id = criticalities.asset_criticality_id
    left join organizations
        on assets.organization_id = organizations.organization_id

)

select * from final
