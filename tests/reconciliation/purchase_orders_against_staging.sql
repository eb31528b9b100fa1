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
    where not is_deleted

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
                        'coalesce(line.price / 100, line.pricedecimal,'
                        ~ ' line.unitcost / 100 * line.quantityordered,'
                        ~ ' line.unitcostdecimal * cast(line.quantityordered as double))'
                    )
                }}
            ),
            0
        ) as lines_amount
    from purchase_orders
    cross join {{ json_elements('purchase_orders.items', line_shape, 'line') }}
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
    from purchase_orders
    cross join
        {{ json_elements('purchase_orders.costs', {'type': 'text', 'amount': 'number'}, 'cost') }}
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
        staged_lines.lines_amount as staged_lines_amount,
        mart_lines.lines_amount as summed_lines_amount,
        marts.lines_amount,
        staged_costs.money_cost as staged_cost,
        marts.taxable_cost + marts.non_taxable_cost as money_cost,
        marts.percent_cost,
        marts.total_amount,
        coalesce(staged_lines.line_count, 0) != coalesce(mart_lines.line_count, 0)
        or coalesce(staged_lines.line_count, 0) is distinct from marts.line_count
        or coalesce(staged_lines.lines_amount, 0) != coalesce(mart_lines.lines_amount, 0)
        or coalesce(staged_lines.lines_amount, 0) is distinct from marts.lines_amount
        or coalesce(staged_costs.money_cost, 0)
        is distinct from marts.taxable_cost + marts.non_taxable_cost
        or (coalesce(staged_costs.percent_count, 0) = 0 and marts.percent_cost != 0)
        or marts.total_amount is distinct from
        marts.lines_amount + marts.taxable_cost + marts.non_taxable_cost + marts.percent_cost
            as is_wrong
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
    where is_wrong

)

select * from final
