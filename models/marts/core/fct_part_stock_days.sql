{% set shape = {
    'locationId': 'integer', 'availableQuantity': 'integer', 'minimumQuantity': 'integer'
} %}

with

versions as (

    select * from {{ ref('stg_maintainx__part_versions') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

{{ slow_changes('versions', 'part_id', [
    'location_id',
    'locations',
    'available_quantity',
    'minimum_quantity',
    'is_deleted',
]) }},

shelves as (

    select
        slow_changes.organization_id,
        slow_changes.part_id,
        slow_changes.version_number,
        coalesce(shelf.locationid, 0) as location_id,
        shelf.availablequantity as available_quantity,
        shelf.minimumquantity as minimum_quantity
    from {{ json_elements('slow_changes', 'locations', shape, 'shelf') }}
    where
        not slow_changes.is_deleted
        and coalesce(shelf.locationid, shelf.availablequantity) is not null

),

{# Without a list of locations, the part's own location and quantity apply. #}
whole_parts as (

    select
        slow_changes.organization_id,
        slow_changes.part_id,
        slow_changes.version_number,
        coalesce(slow_changes.location_id, 0) as location_id,
        slow_changes.available_quantity,
        slow_changes.minimum_quantity
    from slow_changes
    left join shelves
        on
            slow_changes.organization_id = shelves.organization_id
            and slow_changes.part_id = shelves.part_id
            and slow_changes.version_number = shelves.version_number
    where
        not slow_changes.is_deleted
        and shelves.part_id is null

),

known_stocks as (

    select * from shelves
    union all
    select * from whole_parts

),

stocks as (

    select
        organization_id,
        part_id,
        version_number,
        location_id,
        coalesce({{ dbt.safe_cast('sum(available_quantity)', 'bigint') }}, 0) as available_quantity,
        {{ dbt.safe_cast('sum(minimum_quantity)', 'bigint') }} as minimum_quantity
    from known_stocks
    group by organization_id, part_id, version_number, location_id

),

places as (

    select distinct
        organization_id,
        part_id,
        location_id
    from stocks

),

{# Each version has a row for every location that the part ever had, so that a removal shows too. #}
states as (

    select
        slow_changes.organization_id,
        slow_changes.part_id,
        places.location_id,
        slow_changes.valid_from,
        {{
            local_date(
                'slow_changes.valid_from',
                "coalesce(locations.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as from_on,
        stocks.part_id is not null as is_kept,
        stocks.available_quantity,
        stocks.minimum_quantity
    from slow_changes
    inner join places
        on
            slow_changes.organization_id = places.organization_id
            and slow_changes.part_id = places.part_id
    left join stocks
        on
            slow_changes.organization_id = stocks.organization_id
            and slow_changes.part_id = stocks.part_id
            and slow_changes.version_number = stocks.version_number
            and places.location_id = stocks.location_id
    left join organizations
        on slow_changes.organization_id = organizations.organization_id
    left join locations
        on
            slow_changes.organization_id = locations.organization_id
            and places.location_id = locations.location_id
    where slow_changes.valid_from <= {{ as_of() }}

),

ends_of_days as (

    select *
    from states
    qualify
        row_number() over (
            partition by organization_id, part_id, location_id, from_on
            order by valid_from desc
        ) = 1

),

followed as (

    select
        *,
        lag(is_kept) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as was_kept,
        lag(available_quantity) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as former_quantity,
        lag(minimum_quantity) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as former_minimum
    from ends_of_days

),

runs as (

    select
        *,
        lead(from_on) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as next_from_on
    from followed
    where
        is_kept is distinct from was_kept
        or available_quantity is distinct from former_quantity
        or minimum_quantity is distinct from former_minimum

),

final as (

    select
        organization_id,
        part_id,
        location_id,
        available_quantity,
        minimum_quantity,
        available_quantity <= 0 as is_out_of_stock,
        coalesce(available_quantity < minimum_quantity, false) as is_below_minimum,
        from_on,
        {{ add_days('next_from_on', -1) }} as to_on
    from runs
    where is_kept

)

select * from final
