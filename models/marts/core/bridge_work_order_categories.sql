with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

labels as (

    select * from {{ ref('int_work_orders__categories') }}

),

categories as (

    select * from {{ ref('dim_categories') }}

),

{# An account can have the same label twice. #}
categories_by_name as (

    select
        organization_id,
        category_id,
        category_name
    from categories
    qualify
        row_number() over (
            partition by organization_id, category_name
            order by is_deleted, category_id
        ) = 1

),

final as (

    select
        labels.organization_id,
        labels.work_order_id,
        categories_by_name.category_id,
        labels.category_name,
        row_number() over (
            partition by labels.organization_id, labels.work_order_id
            order by labels.position
        ) as position
    from labels
    inner join work_orders
        on
            labels.organization_id = work_orders.organization_id
            and labels.work_order_id = work_orders.work_order_id
    left join categories_by_name
        on
            labels.organization_id = categories_by_name.organization_id
            and labels.category_name = categories_by_name.category_name

)

select * from final
