{% set shape = {
    'id': 'integer', 'locationId': 'integer', 'quantityReceived': 'number', 'isLegacy': 'boolean'
} %}

with

purchase_orders as (

    select * from {{ ref('stg_maintainx__purchase_orders') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

lines as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        {{ element_number() }} as line_number,
        line.partid as part_id,
        {{ json_list('line.fulfillments') }} as receipts
    from
        {{
            json_elements(
                'purchase_orders',
                'items',
                {'partId': 'integer', 'fulfillments': 'json'},
                'line'
            )
        }}

),

final as (

    select
        lines.organization_id,
        lines.purchase_order_id,
        lines.line_number,
        {{ element_number() }} as receipt_number,
        lines.part_id,
        receipt.locationid as location_id,
        receipt.id as receipt_id,
        {{ to_number('receipt.quantityreceived') }} as quantity_received,
        coalesce(receipt.islegacy, false) as is_legacy
    from {{ json_elements('lines', 'receipts', shape, 'receipt') }}
    where receipt.quantityreceived is not null

)

select * from final
