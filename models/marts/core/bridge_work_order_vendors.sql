with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

sent as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        vendor_id,
        min({{ element_number() }}) as list_position
    from {{ json_elements('work_orders', 'vendor_ids', 'integer', 'vendor_id') }}
    where vendor_id is not null
    group by work_orders.organization_id, work_orders.work_order_id, vendor_id

),

final as (

    select
        sent.organization_id,
        sent.work_order_id,
        sent.vendor_id,
        vendors.vendor_name,
        row_number() over (
            partition by sent.organization_id, sent.work_order_id
            order by sent.list_position
        ) as position
    from sent
    left join vendors
        on
            sent.organization_id = vendors.organization_id
            and sent.vendor_id = vendors.vendor_id

)

select * from final
