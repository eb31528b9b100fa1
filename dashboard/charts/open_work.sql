with

locations as (

    select
        board.organization_id,
        coalesce(board.site_location_id, 0) as site_location_id,
        order_teams.team_id,
        coalesce(nullif(board.location_path, ''), 'No location') as location_path,
        count(*) as open_orders,
        count(*) filter (board.is_overdue) as late_orders,
        count(*) filter (board.source_priority = 'HIGH') as high_orders,
        sum(board.priority_score) as score
    from marts.mart_shift_board as board
    inner join order_teams using (organization_id, work_order_id)
    group by all

),

ranked_locations as (

    select
        *,
        row_number() over (
            partition by organization_id, site_location_id, team_id
            order by score desc, location_path
        ) <= 15 as is_named
    from locations

)

select
    organization_id,
    site_location_id,
    team_id,
    case when is_named then organization_id || '|' || location_path else '|' end as location,
    sum(open_orders) as open_orders,
    sum(late_orders) as late_orders,
    sum(high_orders) as high_orders,
    sum(score) as score
from ranked_locations
group by all
