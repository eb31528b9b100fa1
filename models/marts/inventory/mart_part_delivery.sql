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
        *,
        coalesce(line_id, -line_number) as line_key
    from {{ ref('fct_purchase_order_lines') }}
    where part_id is not null

),

line_versions as (

    select * from {{ ref('int_purchase_orders__line_versions') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

parts as (

    select * from {{ ref('dim_parts') }}

),

receipts as (

    {{ receipts('line_versions', ['organization_id', 'purchase_order_id', 'line_key']) }}

),

deliveries as (

    select
        purchase_orders.organization_id,
        lines.part_id,
        coalesce(purchase_orders.vendor_id, 0) as vendor_id,
        purchase_orders.due_on,
        organizations.from_on,
        organizations.as_of_on,
        {{ local_date('receipts.received_at', 'organizations.time_zone') }} as received_on,
        purchase_orders.created_at,
        purchase_orders.approved_at,
        receipts.received_at,
        receipts.received_at is not null as is_received,
        receipts.received_at is null and lines.quantity_received > 0 as is_partly_received,
        coalesce(receipts.is_receipt_observed, false) as is_receipt_observed
    from lines
    inner join purchase_orders
        on
            lines.organization_id = purchase_orders.organization_id
            and lines.purchase_order_id = purchase_orders.purchase_order_id
    inner join organizations
        on lines.organization_id = organizations.organization_id
    left join receipts
        on
            lines.organization_id = receipts.organization_id
            and lines.purchase_order_id = receipts.purchase_order_id
            and lines.line_key = receipts.line_key
    where purchase_orders.created_on between organizations.from_on and organizations.as_of_on

),

figures as (

    select
        organization_id,
        part_id,
        vendor_id,
        min(from_on) as from_on,
        max(as_of_on) as to_on,
        {{ delivery_figures('lines') }}
    from deliveries
    group by organization_id, part_id, vendor_id

),

final as (

    select
        figures.organization_id,
        figures.part_id,
        figures.vendor_id,
        parts.part_name,
        coalesce(vendors.vendor_name, '') as vendor_name,
        figures.lines,
        figures.received_lines,
        figures.partly_received_lines,
        figures.lines_without_due_date,
        figures.not_due_lines,
        figures.due_lines,
        figures.on_time_lines,
        figures.unknown_lines,
        figures.on_time_rate,
        figures.on_time_coverage,
        figures.lead_lines,
        figures.mean_lead_days,
        figures.median_lead_days,
        figures.lead_coverage,
        figures.approved_lead_lines,
        figures.mean_approved_lead_days,
        figures.median_approved_lead_days,
        figures.from_on,
        figures.to_on
    from figures
    left join parts
        on
            figures.organization_id = parts.organization_id
            and figures.part_id = parts.part_id
    left join vendors
        on
            figures.organization_id = vendors.organization_id
            and figures.vendor_id = vendors.vendor_id

)

select * from final
