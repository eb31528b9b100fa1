with

ranked_orders as (

    select
        overdue.organization_id,
        coalesce(overdue.site_location_id, 0) as site_location_id,
        order_teams.team_id,
        overdue.overdue_days,
        overdue.due_on,
        overdue.sequential_id,
        overdue.title,
        overdue.work_order_url,
        overdue.location_path,
        overdue.asset_name,
        overdue.work_type,
        coalesce(overdue.source_priority, 'NONE') as source_priority,
        overdue.status,
        case when getvariable('with_names') then overdue.assignee_names end as assignee_names,
        row_number() over (
            partition by overdue.organization_id, overdue.site_location_id, order_teams.team_id
            order by overdue.overdue_days desc, overdue.work_order_id
        ) as place,
        count(*) over (
            partition by overdue.organization_id, overdue.site_location_id, order_teams.team_id
        ) as rows_in_all
    from marts.mart_overdue_work_orders as overdue
    inner join order_teams using (organization_id, work_order_id)

)

select * exclude (place) from ranked_orders
where place <= 20
