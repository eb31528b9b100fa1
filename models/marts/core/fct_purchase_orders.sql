{% set shape = {'type': 'text', 'amount': 'number'} %}
{% set address_shape = {
    'label': 'text',
    'street': 'text',
    'city': 'text',
    'state': 'text',
    'postalCode': 'text',
    'country': 'text',
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
        organization_id,
        purchase_order_id,
        count(*) as line_count,
        sum(amount) as lines_amount,
        count(case when quantity_missing > 0 then 1 end) as incomplete_line_count
    from {{ ref('fct_purchase_order_lines') }}
    group by organization_id, purchase_order_id

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

costs as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        cost.type as cost_type,
        cost.amount
    from {{ json_elements('purchase_orders', 'costs', shape, 'cost') }}
    where cost.amount is not null

),

taxable_amounts as (

    select
        purchase_orders.organization_id,
        purchase_orders.purchase_order_id,
        coalesce(max(lines.lines_amount), 0) as lines_amount,
        coalesce(max(lines.line_count), 0) as line_count,
        coalesce(max(lines.incomplete_line_count), 0) as incomplete_line_count,
        coalesce(sum({{ to_amount('costs.amount / 100') }}), 0) as taxable_cost
    from purchase_orders
    left join lines
        on
            purchase_orders.organization_id = lines.organization_id
            and purchase_orders.purchase_order_id = lines.purchase_order_id
    left join costs
        on
            purchase_orders.organization_id = costs.organization_id
            and purchase_orders.purchase_order_id = costs.purchase_order_id
            and costs.cost_type = 'AMOUNT_TAXABLE'
    group by purchase_orders.organization_id, purchase_orders.purchase_order_id

),

{# Every percentage applies to the same base, never to another percentage. #}
further_costs as (

    select
        costs.organization_id,
        costs.purchase_order_id,
        sum(
            case
                when costs.cost_type = 'PERCENT_TAXABLE'
                    then
                        {{
                            to_amount(
                                'costs.amount / 100'
                                ~ ' * (taxable_amounts.lines_amount + taxable_amounts.taxable_cost)'
                            )
                        }}
            end
        ) as percent_cost,
        sum(
            case
                when costs.cost_type is distinct from 'PERCENT_TAXABLE'
                    then {{ to_amount('costs.amount / 100') }}
            end
        ) as non_taxable_cost
    from costs
    inner join taxable_amounts
        on
            costs.organization_id = taxable_amounts.organization_id
            and costs.purchase_order_id = taxable_amounts.purchase_order_id
    where costs.cost_type is distinct from 'AMOUNT_TAXABLE'
    group by costs.organization_id, costs.purchase_order_id

),

zoned as (

    select
        purchase_orders.*,
        {{ parse_json('purchase_orders.shipping_address', address_shape) }} as shipping,
        {{ parse_json('purchase_orders.billing_address', address_shape) }} as billing,
        organizations.currency,
        coalesce(organizations.time_zone, 'UTC') as time_zone
    from purchase_orders
    left join organizations
        on purchase_orders.organization_id = organizations.organization_id

),

final as (

    select
        zoned.organization_id,
        zoned.purchase_order_id,
        zoned.vendor_id,
        zoned.creator_id as created_by_user_id,
        zoned.approver_id as approved_by_user_id,
        {{ name_or_else('zoned.override_number', 'zoned.auto_generated_number') }}
            as purchase_order_number,
        zoned.title,
        zoned.status as source_status,
        vendors.vendor_name,
        zoned.note,
        zoned.review_note,
        {% for address in ['shipping', 'billing'] %}
            coalesce(
                nullif(trim(zoned.{{ address }}.label), ''),
                nullif(
                    array_to_string(
                        [
                            zoned.{{ address }}.street,
                            zoned.{{ address }}.city,
                            zoned.{{ address }}.state,
                            zoned.{{ address }}.postalcode,
                            zoned.{{ address }}.country
                        ],
                        ', '
                    ),
                    ''
                )
            ) as {{ address }}_address,
        {% endfor %}
        zoned.currency,
        taxable_amounts.line_count,
        taxable_amounts.incomplete_line_count,
        {{ to_amount('taxable_amounts.lines_amount') }} as lines_amount,
        {{ to_amount('taxable_amounts.taxable_cost') }} as taxable_cost,
        {{ to_amount('coalesce(further_costs.non_taxable_cost, 0)') }} as non_taxable_cost,
        {{ to_amount('coalesce(further_costs.percent_cost, 0)') }} as percent_cost,
        {{
            to_amount(
                'taxable_amounts.lines_amount + taxable_amounts.taxable_cost'
                ~ ' + coalesce(further_costs.non_taxable_cost, 0)'
                ~ ' + coalesce(further_costs.percent_cost, 0)'
            )
        }} as total_amount,
        coalesce(zoned.status in ('APPROVED', 'PARTIALLY_FULFILLED'), false) as is_on_order,
        {{ local_date('zoned.created_at', 'zoned.time_zone') }} as created_on,
        {{ local_date('zoned.due_at', 'zoned.time_zone') }} as due_on,
        {{ local_date('zoned.approval_at', 'zoned.time_zone') }} as approved_on,
        zoned.created_at,
        zoned.updated_at,
        zoned.due_at,
        zoned.approval_at as approved_at,
        zoned.vendor_contact_ids,
        zoned.extra_fields as custom_fields
    from zoned
    inner join taxable_amounts
        on
            zoned.organization_id = taxable_amounts.organization_id
            and zoned.purchase_order_id = taxable_amounts.purchase_order_id
    left join further_costs
        on
            zoned.organization_id = further_costs.organization_id
            and zoned.purchase_order_id = further_costs.purchase_order_id
    left join vendors
        on
            zoned.organization_id = vendors.organization_id
            and zoned.vendor_id = vendors.vendor_id

)

select * from final
