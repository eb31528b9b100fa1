with

orders as (

    select
        orders.*,
        coalesce(orders.site_location_id, 0) as site_id,
        order_teams.team_id,
        organizations.as_of_at,
        organizations.as_of_on
    from marts.fct_work_orders as orders
    inner join order_teams using (organization_id, work_order_id)
    inner join marts.dim_organizations as organizations using (organization_id)
    where orders.counts_by_due_date

)

select
    organization_id,
    site_id as site_location_id,
    team_id,
    cast(date_trunc('month', due_on) as date) as month_start_on,
    work_type,
    count(*) as due_orders,
    count(*) filter (is_done_by_due) as done_by_due,
    count(*) filter (is_open and deadline_at > as_of_at) as not_yet_due,
    count(*) filter (is_done_by_due or (is_open and deadline_at > as_of_at)) as on_time_in_product,
    count(*) filter (is_open and deadline_at <= as_of_at) as open_late
from orders
where
    date_trunc('month', due_on)
    <= date_trunc('month', timezone(time_zone, timezone('UTC', as_of_at)))
group by all
