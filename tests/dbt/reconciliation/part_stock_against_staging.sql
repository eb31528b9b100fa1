{%- set shape = {
    'locationId': 'integer', 'availableQuantity': 'integer', 'minimumQuantity': 'integer'
} -%}

with

{{ version_periods(ref('stg_maintainx__part_versions'), 'part_id') }},

-- What happened after the as-of time is not in the mart.
parts_that_changed_later as (

    select distinct
        organization_id,
        part_id
    from version_periods
    where valid_from > {{ as_of() }}

),

parts as (

    select * from {{ ref('stg_maintainx__parts') }}
    where not is_deleted

),

shelves as (

    select
        parts.organization_id,
        parts.part_id,
        coalesce(shelf.locationid, 0) as location_id,
        shelf.availablequantity as available_quantity,
        shelf.minimumquantity as minimum_quantity
    from {{ json_elements('parts', 'locations', shape, 'shelf') }}
    where coalesce(shelf.locationid, shelf.availablequantity) is not null

),

shelved_parts as (

    select distinct
        organization_id,
        part_id
    from shelves

),

all_shelves as (

    select * from shelves

    union all

    select
        parts.organization_id,
        parts.part_id,
        coalesce(parts.location_id, 0) as location_id,
        parts.available_quantity,
        parts.minimum_quantity
    from parts
    left join shelved_parts
        on
            parts.organization_id = shelved_parts.organization_id
            and parts.part_id = shelved_parts.part_id
    where shelved_parts.part_id is null

),

staged as (

    select
        organization_id,
        part_id,
        location_id,
        coalesce(sum(available_quantity), 0) as available_quantity,
        sum(minimum_quantity) as minimum_quantity
    from all_shelves
    group by organization_id, part_id, location_id

),

current_runs as (

    select * from {{ ref('fct_part_stock_days') }}
    where to_on is null

),

health as (

    select * from {{ ref('mart_parts_health') }}

),

final as (

    select
        coalesce(staged.organization_id, current_runs.organization_id) as organization_id,
        coalesce(staged.part_id, current_runs.part_id) as part_id,
        coalesce(staged.location_id, current_runs.location_id) as location_id,
        staged.available_quantity as staged_quantity,
        current_runs.available_quantity as current_quantity,
        health.available_quantity as health_quantity
    from staged
    full outer join current_runs
        on
            staged.organization_id = current_runs.organization_id
            and staged.part_id = current_runs.part_id
            and staged.location_id = current_runs.location_id
    full outer join health
        on
            current_runs.organization_id = health.organization_id
            and current_runs.part_id = health.part_id
            and current_runs.location_id = health.location_id
    left join parts_that_changed_later as changed_later
        on
            coalesce(staged.organization_id, current_runs.organization_id)
            = changed_later.organization_id
            and coalesce(staged.part_id, current_runs.part_id) = changed_later.part_id
    where
        changed_later.part_id is null
        and (
            staged.part_id is null
            or staged.available_quantity is distinct from current_runs.available_quantity
            or staged.minimum_quantity is distinct from current_runs.minimum_quantity
            or current_runs.available_quantity is distinct from health.available_quantity
            or current_runs.minimum_quantity is distinct from health.minimum_quantity
        )

)

select * from final
