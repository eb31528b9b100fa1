with

purchase_orders as (

    select * from {{ ref('fct_purchase_orders') }}
    where source_status not in ('REQUESTED', 'PENDING', 'DECLINED', 'CANCELED')

),

organizations as (

    select
        organization_id,
        coalesce(time_zone, 'UTC') as time_zone,
        as_of_on,
        {{ year_start('as_of_on') }} as from_on
    from {{ ref('dim_organizations') }}

),

lines as (

    select
        organization_id,
        purchase_order_id,
        max(case when quantity_received > 0 then 1 else 0 end) = 1 as has_receipt
    from {{ ref('fct_purchase_order_lines') }}
    group by organization_id, purchase_order_id

),

line_versions as (

    select * from {{ ref('int_purchase_orders__line_versions') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

order_versions as (

    select
        organization_id,
        purchase_order_id,
        version_number,
        valid_from,
        min(case when is_received then 1 else 0 end) = 1 as is_received
    from line_versions
    group by organization_id, purchase_order_id, version_number, valid_from

),

receipts as (

    {{ receipts('order_versions', ['organization_id', 'purchase_order_id']) }}

),

deliveries as (

    select
        purchase_orders.organization_id,
        coalesce(purchase_orders.vendor_id, 0) as vendor_id,
        purchase_orders.due_on,
        organizations.from_on,
        organizations.as_of_on,
        {{ local_date('receipts.received_at', 'organizations.time_zone') }} as received_on,
        purchase_orders.created_at,
        purchase_orders.approved_at,
        receipts.received_at,
        receipts.received_at is not null as is_received,
        receipts.received_at is null and lines.has_receipt as is_partly_received,
        coalesce(receipts.is_receipt_observed, false) as is_receipt_observed
    from purchase_orders
    inner join organizations
        on purchase_orders.organization_id = organizations.organization_id
    inner join lines
        on
            purchase_orders.organization_id = lines.organization_id
            and purchase_orders.purchase_order_id = lines.purchase_order_id
    left join receipts
        on
            purchase_orders.organization_id = receipts.organization_id
            and purchase_orders.purchase_order_id = receipts.purchase_order_id
    where purchase_orders.created_on between organizations.from_on and organizations.as_of_on

),

figures as (

    select
        organization_id,
        vendor_id,
        min(from_on) as from_on,
        max(as_of_on) as to_on,
        {{ delivery_figures('orders') }}
    from deliveries
    group by organization_id, vendor_id

),

final as (

    select
        figures.organization_id,
        figures.vendor_id,
        coalesce(vendors.vendor_name, '') as vendor_name,
        figures.orders,
        figures.received_orders,
        figures.partly_received_orders,
        figures.orders_without_due_date,
        figures.not_due_orders,
        figures.due_orders,
        figures.on_time_orders,
        figures.unknown_orders,
        figures.on_time_rate,
        figures.on_time_coverage,
        figures.lead_orders,
        figures.mean_lead_days,
        figures.median_lead_days,
        figures.lead_coverage,
        figures.approved_lead_orders,
        figures.mean_approved_lead_days,
        figures.median_approved_lead_days,
        figures.from_on,
        figures.to_on
    from figures
    left join vendors
        on
            figures.organization_id = vendors.organization_id
            and figures.vendor_id = vendors.vendor_id

)

select * from final
