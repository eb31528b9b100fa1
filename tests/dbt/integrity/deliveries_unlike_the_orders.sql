with

organizations as (

    select
        organization_id,
        as_of_on,
        {{ year_start('as_of_on') }} as from_on
    from {{ ref('dim_organizations') }}

),

purchase_orders as (

    select purchase_orders.*
    from {{ ref('fct_purchase_orders') }} as purchase_orders
    inner join organizations
        on purchase_orders.organization_id = organizations.organization_id
    where
        purchase_orders.source_status in ('APPROVED', 'PARTIALLY_FULFILLED', 'COMPLETED')
        and purchase_orders.created_on between organizations.from_on and organizations.as_of_on
        and purchase_orders.line_count > 0

),

lines as (

    select * from {{ ref('fct_purchase_order_lines') }}
    where part_id is not null

),

origins as (

    select
        organization_id,
        'mart_vendor_delivery' as mart,
        count(*) as deliveries
    from purchase_orders
    group by organization_id

    union all

    select
        purchase_orders.organization_id,
        'mart_part_delivery' as mart,
        count(*) as deliveries
    from purchase_orders
    inner join lines
        on
            purchase_orders.organization_id = lines.organization_id
            and purchase_orders.purchase_order_id = lines.purchase_order_id
    group by purchase_orders.organization_id

),

found as (

    {% for mart, noun in [('mart_vendor_delivery', 'orders'), ('mart_part_delivery', 'lines')] %}
        select
            organization_id,
            '{{ mart }}' as mart,
            sum({{ noun }}) as deliveries,
            sum(
                due_{{ noun }} + not_due_{{ noun }} + unknown_{{ noun }}
                + {{ noun }}_without_due_date
            ) as judged
        from {{ ref(mart) }}
        group by organization_id
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    origins.organization_id,
    origins.mart,
    origins.deliveries,
    found.deliveries as deliveries_in_the_mart,
    found.judged
from origins
full outer join found
    on
        origins.organization_id = found.organization_id
        and origins.mart = found.mart
where
    origins.deliveries is distinct from found.deliveries
    or found.deliveries is distinct from found.judged
