with

stock_days as (

    select * from {{ ref('fct_part_stock_days') }}

),

parts as (

    select * from {{ ref('dim_parts') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

used_parts as (

    select * from {{ ref('fct_work_order_parts') }}

),

work_orders as (

    select
        *,
        {{ local_today('time_zone') }} as as_of_on
    from {{ ref('fct_work_orders') }}

),

followed as (

    select
        *,
        lag(to_on) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as former_to_on,
        lag(is_out_of_stock) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as was_out_of_stock,
        lag(is_below_minimum) over (
            partition by organization_id, part_id, location_id
            order by from_on
        ) as was_below_minimum
    from stock_days

),

begun as (

    select
        *,
        case
            when former_to_on is null or from_on > {{ add_days('former_to_on', 1) }} then from_on
            when is_out_of_stock and not was_out_of_stock then from_on
        end as may_be_out_from_on,
        case
            when former_to_on is null or from_on > {{ add_days('former_to_on', 1) }} then from_on
            when is_below_minimum and not was_below_minimum then from_on
        end as may_be_below_from_on
    from followed

),

{# The current shortage began on the latest of the days on which a shortage may have begun. #}
dated as (

    select
        *,
        max(may_be_out_from_on) over (
            partition by organization_id, part_id, location_id
            order by from_on
            rows between unbounded preceding and current row
        ) as out_of_stock_from_on,
        max(may_be_below_from_on) over (
            partition by organization_id, part_id, location_id
            order by from_on
            rows between unbounded preceding and current row
        ) as below_minimum_from_on
    from begun

),

current_stocks as (

    select
        dated.*,
        parts.part_name,
        parts.unit_cost,
        parts.ordered_quantity,
        row_number() over (
            partition by dated.organization_id, dated.part_id
            order by
                case when dated.location_id = coalesce(parts.location_id, 0) then 0 else 1 end,
                dated.location_id
        ) as place_number
    from dated
    inner join parts
        on
            dated.organization_id = parts.organization_id
            and dated.part_id = parts.part_id
    where
        dated.to_on is null
        and not parts.is_deleted

),

uses as (

    select
        used_parts.organization_id,
        used_parts.part_id,
        used_parts.location_id,
        sum(used_parts.quantity_used) as quantity_used
    from used_parts
    inner join work_orders
        on
            used_parts.organization_id = work_orders.organization_id
            and used_parts.work_order_id = work_orders.work_order_id
    where
        work_orders.completed_on
        between {{ year_start('work_orders.as_of_on') }}
        and work_orders.as_of_on
        and work_orders.is_done
        and not work_orders.is_parent
    group by
        used_parts.organization_id,
        used_parts.part_id,
        used_parts.location_id

),

{# Usage from a location that does not keep the part counts at the part's first location. #}
placed_uses as (

    select
        uses.organization_id,
        uses.part_id,
        coalesce(current_stocks.location_id, first_stocks.location_id) as location_id,
        sum(uses.quantity_used) as quantity_used
    from uses
    inner join current_stocks as first_stocks
        on
            uses.organization_id = first_stocks.organization_id
            and uses.part_id = first_stocks.part_id
            and first_stocks.place_number = 1
    left join current_stocks
        on
            uses.organization_id = current_stocks.organization_id
            and uses.part_id = current_stocks.part_id
            and uses.location_id = current_stocks.location_id
    group by
        uses.organization_id,
        uses.part_id,
        coalesce(current_stocks.location_id, first_stocks.location_id)

),

zoned_stocks as (

    select
        current_stocks.*,
        coalesce(locations.location_path, '') as location_path,
        coalesce(locations.site_name, '') as site_name,
        coalesce(locations.site_label, '') as site_label,
        organizations.currency,
        {{ local_today("coalesce(locations.time_zone, organizations.time_zone, 'UTC')") }}
            as as_of_on
    from current_stocks
    left join organizations
        on current_stocks.organization_id = organizations.organization_id
    left join locations
        on
            current_stocks.organization_id = locations.organization_id
            and current_stocks.location_id = locations.location_id

),

final as (

    select
        stocks.organization_id,
        stocks.part_id,
        stocks.location_id,
        stocks.part_name,
        stocks.location_path,
        stocks.site_name,
        stocks.site_label,
        stocks.currency,
        stocks.available_quantity,
        stocks.minimum_quantity,
        stocks.ordered_quantity as on_order_quantity,
        coalesce(placed_uses.quantity_used, 0) as used_quantity_12m,
        case
            when stocks.is_out_of_stock
                then {{ dbt.datediff('stocks.out_of_stock_from_on', 'stocks.as_of_on', 'day') }}
        end as days_out_of_stock,
        case
            when stocks.is_below_minimum
                then {{ dbt.datediff('stocks.below_minimum_from_on', 'stocks.as_of_on', 'day') }}
        end as days_below_minimum,
        stocks.unit_cost,
        {{ to_amount('stocks.available_quantity * stocks.unit_cost') }} as stock_value,
        stocks.is_out_of_stock,
        stocks.is_below_minimum,
        stocks.as_of_on
    from zoned_stocks as stocks
    left join placed_uses
        on
            stocks.organization_id = placed_uses.organization_id
            and stocks.part_id = placed_uses.part_id
            and stocks.location_id = placed_uses.location_id

)

select * from final
