select
    board.organization_id,
    coalesce(board.site_location_id, 0) as site_location_id,
    order_teams.team_id,
    board.organization_id || '|' || coalesce(nullif(board.location_path, ''), 'No location')
        as location,
    count(*) as open_orders,
    count(*) filter (board.is_overdue) as late_orders,
    count(*) filter (board.source_priority = 'HIGH') as high_orders,
    sum(board.priority_score) as score
from marts.mart_shift_board as board
inner join order_teams using (organization_id, work_order_id)
group by all
