{{ config(severity='warn') }}

select
    categories.organization_id,
    categories.work_order_id,
    categories.category_name,
    work_orders.title,
    work_orders.work_order_url
from {{ ref('bridge_work_order_categories') }} as categories
inner join {{ ref('fct_work_orders') }} as work_orders
    on
        categories.organization_id = work_orders.organization_id
        and categories.work_order_id = work_orders.work_order_id
where categories.category_id is null
