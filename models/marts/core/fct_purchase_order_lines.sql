{% set shape = {
    'id': 'integer',
    'partId': 'integer',
    'name': 'text',
    'partNumber': 'text',
    'quantityOrdered': 'number',
    'quantityReceived': 'number',
    'price': 'number',
    'priceDecimal': 'number',
    'unitCost': 'number',
    'unitCostDecimal': 'number',
} %}

with

purchase_orders as (

    select * from {{ ref('stg_maintainx__purchase_orders') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

lines as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        {{ element_number() }} as line_number,
        line.id as line_id,
        line.partid as part_id,
        line.name,
        line.partnumber as part_number,
        line.quantityordered as quantity_ordered,
        coalesce(line.quantityreceived, 0) as quantity_received,
        coalesce(
            {{ to_amount('line.unitcostdecimal', 6) }}, {{ to_amount('line.unitcost / 100', 6) }}
        ) as unit_cost,
        coalesce(
            {{ to_amount('line.pricedecimal') }}, {{ to_amount('line.price / 100') }}
        ) as price
    from {{ json_elements('purchase_orders', 'items', shape, 'line') }}
    where coalesce(line.quantityordered, line.price, line.pricedecimal) is not null

),

final as (

    select
        lines.organization_id,
        lines.purchase_order_id,
        lines.line_number,
        lines.line_id,
        lines.part_id,
        lines.name as line_name,
        lines.part_number,
        organizations.currency,
        {{ to_number('lines.quantity_ordered') }} as quantity_ordered,
        {{ to_number('lines.quantity_received') }} as quantity_received,
        {{ to_number('greatest(lines.quantity_ordered - lines.quantity_received, 0)') }}
            as quantity_missing,
        lines.unit_cost,
        coalesce(
            lines.price,
            {{ to_amount(
                'lines.unit_cost * cast(lines.quantity_ordered as ' ~ type_double() ~ ')'
            ) }}
        ) as amount
    from lines
    left join organizations
        on lines.organization_id = organizations.organization_id

)

select * from final
