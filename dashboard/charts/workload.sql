with

people as (

    select
        organization_id,
        assignee_type,
        assignee_id,
        row_number() over (order by md5(organization_id || '-' || assignee_id)) as number
    from (
        select distinct organization_id, assignee_type, assignee_id
        from marts.mart_workload_weekly
        where assignee_type != 'TEAM'
    ) as assignees

)

select
    workload.organization_id,
    workload.site_location_id,
    case
        when workload.assignee_type = 'TEAM' or getvariable('with_names')
            then
                workload.organization_id || '-' || workload.assignee_type || '-' || workload.assignee_id
                || '|' || coalesce(workload.assignee_name, 'No name')
        else 'PERSON-' || people.number || '|Person ' || people.number
    end as assignee,
    case when workload.assignee_type = 'TEAM' then 'Team' else 'Person' end as assignee_kind,
    sum(workload.open_orders) as open_orders,
    sum(workload.overdue_orders) as overdue_orders,
    sum(workload.estimated_orders) as estimated_orders,
    sum(workload.imputed_hours) as imputed_hours
from marts.mart_workload_weekly as workload
inner join marts.dim_organizations as organizations using (organization_id)
left join people using (organization_id, assignee_type, assignee_id)
where workload.week_start_on <= date_trunc('week', organizations.as_of_on)
group by all
