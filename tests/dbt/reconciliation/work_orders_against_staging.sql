with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

excluded_by_category as (

    select distinct
        organization_id,
        work_order_id
    from {{ ref('int_work_orders__categories') }}
    where category_name in {{ string_list(var('excluded_categories')) }}

),

staged as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.sequential_id,
        work_orders.asset_id,
        work_orders.location_id,
        work_orders.creator_id as created_by_user_id,
        work_orders.requested_by_user_id,
        work_orders.completed_by_user_id,
        work_orders.previous_work_order_id,
        work_orders.next_work_order_id,
        work_orders.title,
        work_orders.description,
        work_orders.status as source_status,
        work_orders.priority as source_priority,
        coalesce(work_orders.work_type, 'UNKNOWN') as work_type,
        work_orders.created_at,
        work_orders.updated_at,
        work_orders.start_at,
        work_orders.due_at,
        work_orders.completed_at
    from work_orders
    left join excluded_by_category
        on
            work_orders.organization_id = excluded_by_category.organization_id
            and work_orders.work_order_id = excluded_by_category.work_order_id
    where
        not work_orders.is_deleted
        and coalesce(work_orders.created_at <= {{ as_of() }}, true)
        and excluded_by_category.work_order_id is null
        and not coalesce(
            coalesce(work_orders.work_type, 'UNKNOWN')
            in {{ string_list(var('excluded_work_types')) }},
            false
        )

),

mart_records as (

    select
        organization_id,
        work_order_id,
        sequential_id,
        asset_id,
        location_id,
        created_by_user_id,
        requested_by_user_id,
        completed_by_user_id,
        previous_work_order_id,
        next_work_order_id,
        title,
        description,
        source_status,
        source_priority,
        work_type,
        created_at,
        updated_at,
        start_at,
        due_at,
        completed_at
    from {{ ref('fct_work_orders') }}

),

{{ differences('staged', 'mart_records') }}

select * from final
