{%- set line_shape = {
    'quantityOrdered': 'number',
    'price': 'number',
    'priceDecimal': 'number',
    'unitCost': 'number',
    'unitCostDecimal': 'number',
} -%}

with

purchase_orders as (

    select * from {{ ref('stg_maintainx__purchase_orders') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

staged_lines as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        count(coalesce(line.quantityordered, line.price, line.pricedecimal)) as line_count,
        coalesce(
            sum(
                {{
                    to_amount(
                        'coalesce(line.pricedecimal, line.price / 100,'
                        ~ ' line.unitcostdecimal * cast(line.quantityordered as ' ~ type_double() ~ '),'
                        ~ ' line.unitcost / 100 * line.quantityordered)'
                    )
                }}
            ),
            0
        ) as lines_amount
    from {{ json_elements('purchase_orders', 'items', line_shape, 'line') }}
    group by purchase_orders.organization_id, purchase_orders.purchase_order_id

),

staged_costs as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        sum(
            case
                when cost.type is distinct from 'PERCENT_TAXABLE'
                    then {{ to_amount('cost.amount / 100') }}
            end
        ) as money_cost,
        count(case when cost.type = 'PERCENT_TAXABLE' then cost.amount end) as percent_count
    from
        {{
            json_elements('purchase_orders', 'costs', {'type': 'text', 'amount': 'number'}, 'cost')
        }}
    group by purchase_orders.organization_id, purchase_orders.purchase_order_id

),

marts as (

    select * from {{ ref('fct_purchase_orders') }}

),

mart_lines as (

    select
        organization_id,
        purchase_order_id,
        count(*) as line_count,
        coalesce(sum(amount), 0) as lines_amount
    from {{ ref('fct_purchase_order_lines') }}
    group by organization_id, purchase_order_id

),

compared as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        coalesce(staged_lines.line_count, 0) as staged_line_count,
        coalesce(mart_lines.line_count, 0) as summed_line_count,
        marts.line_count,
        coalesce(staged_lines.lines_amount, 0) as staged_lines_amount,
        coalesce(mart_lines.lines_amount, 0) as summed_lines_amount,
        marts.lines_amount,
        coalesce(staged_costs.money_cost, 0) as staged_cost,
        marts.taxable_cost + marts.non_taxable_cost as mart_cost,
        coalesce(staged_costs.percent_count, 0) as percent_count,
        marts.percent_cost,
        marts.total_amount
    from purchase_orders
    left join staged_lines
        on
            purchase_orders.organization_id = staged_lines.organization_id
            and purchase_orders.purchase_order_id = staged_lines.purchase_order_id
    left join staged_costs
        on
            purchase_orders.organization_id = staged_costs.organization_id
            and purchase_orders.purchase_order_id = staged_costs.purchase_order_id
    left join mart_lines
        on
            purchase_orders.organization_id = mart_lines.organization_id
            and purchase_orders.purchase_order_id = mart_lines.purchase_order_id
    left join marts
        on
            purchase_orders.organization_id = marts.organization_id
            and purchase_orders.purchase_order_id = marts.purchase_order_id

),

final as (

    select * from compared
    where
        staged_line_count != summed_line_count
        or staged_line_count is distinct from line_count
        or staged_lines_amount != summed_lines_amount
        or staged_lines_amount is distinct from lines_amount
        or staged_cost is distinct from mart_cost
        or (percent_count = 0 and percent_cost != 0)
        or lines_amount + mart_cost + percent_cost != total_amount

)

select * from final
