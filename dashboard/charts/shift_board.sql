with

ranked_orders as (

    select
        board.organization_id,
        coalesce(board.site_location_id, 0) as site_location_id,
        order_teams.team_id,
        board.priority_score,
        board.sequential_id,
        board.title,
        board.work_order_url,
        board.location_path,
        board.asset_name,
        board.status,
        coalesce(board.source_priority, 'NONE') as source_priority,
        board.overdue_days,
        board.due_on,
        board.is_asset_down,
        case when getvariable('with_names') then board.assignee_names end as assignee_names,
        row_number() over of_group as place,
        row_number() over (
            partition by
                board.organization_id, board.site_location_id, order_teams.team_id, board.location_path
            order by board.priority_score desc, board.work_order_id
        ) as place_at_location,
        count(*) over (
            partition by board.organization_id, board.site_location_id, order_teams.team_id
        ) as rows_in_all
    from marts.mart_shift_board as board
    inner join order_teams using (organization_id, work_order_id)
    window
        of_group as (
            partition by board.organization_id, board.site_location_id, order_teams.team_id
            order by board.priority_score desc, board.work_order_id
        )

),

-- So many orders of each location that the page stays small where there are many locations.
at_location as (

    select least(5, 4000 // greatest(count(distinct (organization_id, location_path)), 1)) as orders
    from marts.mart_shift_board

)

select ranked_orders.* exclude (place, place_at_location)
from ranked_orders
cross join at_location
where place <= 20 or (team_id is null and place_at_location <= at_location.orders)
