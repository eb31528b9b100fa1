with

assignees as (

    select
        organization_id,
        work_order_id,
        string_agg(assignee_name, '; ' order by position) as assignee_names
    from {{ ref('bridge_work_order_assignees') }}
    group by organization_id, work_order_id

),

categories as (

    select
        organization_id,
        work_order_id,
        string_agg(category_name, '; ' order by position) as category_names
    from {{ ref('bridge_work_order_categories') }}
    group by organization_id, work_order_id

),

vendors as (

    select
        organization_id,
        work_order_id,
        string_agg({{ name_or_else('vendor_name', 'vendor_id') }}, '; ' order by position)
            as vendor_names
    from {{ ref('bridge_work_order_vendors') }}
    group by organization_id, work_order_id

),

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.title,
        work_orders.assignee_names,
        assignees.assignee_names as bridged_assignee_names,
        work_orders.category_names,
        categories.category_names as bridged_category_names,
        work_orders.vendor_names,
        vendors.vendor_names as bridged_vendor_names
    from {{ ref('fct_work_orders') }} as work_orders
    left join assignees
        on
            work_orders.organization_id = assignees.organization_id
            and work_orders.work_order_id = assignees.work_order_id
    left join categories
        on
            work_orders.organization_id = categories.organization_id
            and work_orders.work_order_id = categories.work_order_id
    left join vendors
        on
            work_orders.organization_id = vendors.organization_id
            and work_orders.work_order_id = vendors.work_order_id
    where
        work_orders.assignee_names is distinct from coalesce(assignees.assignee_names, '')
        or work_orders.category_names is distinct from coalesce(categories.category_names, '')
        or work_orders.vendor_names is distinct from coalesce(vendors.vendor_names, '')

)

select * from final
