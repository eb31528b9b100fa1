select
    organization_id,
    site_location_id,
    null as team_id,
    month_start_on,
    coalesce(mart_maintenance_cost_monthly.currency, 'no currency') as currency,
    sum(orders) as orders,
    sum(orders_with_cost) as orders_with_cost,
    sum(labour_cost) as labour_cost,
    sum(parts_cost) as parts_cost,
    sum(other_cost) as other_cost,
    sum(total_cost) as total_cost
from marts.mart_maintenance_cost_monthly
group by all

union all

-- By team, it is not known which orders without cost have no entry of it.
select
    organization_id,
    coalesce(site_location_id, 0) as site_location_id,
    order_teams.team_id,
    cast(date_trunc(
        'month',
        case when orders.is_done and orders.completed_on is not null then orders.completed_on else orders.created_on end
    ) as date) as month_start_on,
    coalesce(orders.currency, 'no currency') as currency,
    count(*) filter (not orders.is_parent) as orders,
    null as orders_with_cost,
    sum(orders.labour_cost) as labour_cost,
    sum(orders.parts_cost) as parts_cost,
    sum(orders.other_cost) as other_cost,
    sum(orders.total_cost) as total_cost
from marts.fct_work_orders as orders
inner join order_teams using (organization_id, work_order_id)
where order_teams.team_id is not null
group by all
