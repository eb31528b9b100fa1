with

ranked_orders as (

    select
        orders.organization_id,
        orders.purchase_order_number,
        orders.title,
        orders.vendor_name,
        upper(left(orders.source_status, 1))
        || lower(replace(substr(orders.source_status, 2), '_', ' ')) as source_status,
        orders.created_on,
        orders.due_on,
        greatest(organizations.as_of_on - orders.due_on, 0) as days_late,
        orders.incomplete_line_count,
        orders.total_amount,
        orders.currency,
        row_number() over of_organization as place,
        count(*) over (partition by orders.organization_id) as rows_in_all
    from marts.fct_purchase_orders as orders
    inner join marts.dim_organizations as organizations using (organization_id)
    where orders.is_on_order
    window
        of_organization as (
            partition by orders.organization_id
            order by orders.due_on nulls last, orders.purchase_order_id
        )

)

select * exclude (place) from ranked_orders
where place <= 150
