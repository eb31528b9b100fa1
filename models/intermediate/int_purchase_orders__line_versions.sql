{% set shape = {
    'id': 'integer',
    'quantityOrdered': 'number',
    'quantityReceived': 'number',
    'price': 'number',
    'priceDecimal': 'number',
} %}

with

versions as (

    select * from {{ ref('stg_maintainx__purchase_order_versions') }}

),

{{ version_periods('versions', 'purchase_order_id') }},

lines as (

    select
        versions.organization_id,
        versions.purchase_order_id,
        versions.extracted_at,
        coalesce(line.id, -{{ element_number() }}) as line_key,
        line.quantityordered as quantity_ordered,
        coalesce(line.quantityreceived, 0) as quantity_received
    from {{ json_elements('versions', 'items', shape, 'line') }}
    where
        not versions.is_gone
        and coalesce(line.quantityordered, line.price, line.pricedecimal) is not null

),

final as (

    select
        lines.organization_id,
        lines.purchase_order_id,
        lines.line_key,
        periods.version_number,
        coalesce(lines.quantity_received >= lines.quantity_ordered, true) as is_received,
        periods.valid_from
    from lines
    inner join version_periods as periods
        on
            lines.organization_id = periods.organization_id
            and lines.purchase_order_id = periods.purchase_order_id
            and lines.extracted_at = periods.extracted_at

)

select * from final
