with

versions as (

    select * from {{ ref('stg_maintainx__part_versions') }}

),

{{ slow_changes('versions', 'part_id', [
    'location_id',
    'name',
    'description',
    'barcode',
    'area',
    'unit_cost_cents',
    'minimum_quantity',
    'maximum_quantity',
    'part_types',
    'vendors',
    'extra_fields',
    'is_deleted',
]) }},

final as (

    select
        versions.organization_id,
        versions.part_id,
        row_number() over (
            partition by versions.organization_id, versions.part_id
            order by versions.valid_from
        ) as version_number,
        versions.location_id,
        versions.name as part_name,
        versions.description,
        versions.barcode,
        versions.area,
        {{ to_amount("versions.unit_cost_cents / 100") }} as unit_cost,
        versions.minimum_quantity,
        versions.maximum_quantity,
        versions.is_deleted,
        versions.valid_to is null as is_current,
        versions.valid_from,
        versions.valid_to,
        versions.part_types,
        versions.vendors,
        versions.extra_fields as custom_fields
    from slow_changes as versions

)

select * from final
