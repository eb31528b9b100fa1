with

versions as (

    select * from {{ ref('stg_maintainx__asset_versions') }}

),

criticalities as (

    select * from {{ ref('stg_maintainx__asset_criticalities') }}

),

{{ slow_changes('versions', 'asset_id', [
    'parent_asset_id',
    'criticality_id',
    'location_id',
    'name',
    'description',
    'serial_number',
    'barcode',
    'manufacturer',
    'model',
    'asset_types',
    'team_ids',
    'vendor_ids',
    'extra_fields',
    'is_deleted',
]) }},

final as (

    select
        versions.organization_id,
        versions.asset_id,
        row_number() over (
            partition by versions.organization_id, versions.asset_id
            order by versions.valid_from
        ) as version_number,
        versions.parent_asset_id,
        versions.location_id,
        versions.criticality_id,
        versions.name as asset_name,
        criticalities.label as criticality,
        versions.description,
        versions.serial_number,
        versions.manufacturer,
        versions.model,
        versions.barcode,
        versions.is_deleted,
        versions.valid_to is null as is_current,
        versions.valid_from,
        versions.valid_to,
        versions.asset_types,
        versions.team_ids,
        versions.vendor_ids,
        versions.extra_fields as custom_fields
    from slow_changes as versions
    left join criticalities
        on
            versions.organization_id = criticalities.organization_id
            and versions.criticality_id = criticalities.asset_criticality_id

)

select * from final
