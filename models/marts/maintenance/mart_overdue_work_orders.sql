with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

final as (

    select
        organization_id,
        work_order_id,
        sequential_id,
        asset_id,
        location_id,
        site_location_id,
        title,
        work_order_url,
        site_name,
        site_label,
        location_path,
        asset_name,
        assignee_names,
        source_priority,
        work_type,
        status,
        case
            when overdue_days <= 7 then '0-7'
            when overdue_days <= 30 then '8-30'
            when overdue_days <= 90 then '31-90'
            when overdue_days <= 180 then '91-180'
            else 'over 180'
        end as overdue_bucket,
        case
            when age_days <= 7 then '0-7'
            when age_days <= 30 then '8-30'
            when age_days <= 90 then '31-90'
            when age_days <= 180 then '91-180'
            when age_days > 180 then 'over 180'
        end as age_bucket,
        overdue_days,
        age_days,
        estimated_hours,
        is_on_hold,
        due_on
    from work_orders
    where
        is_overdue
        and is_counted

)

select * from final
