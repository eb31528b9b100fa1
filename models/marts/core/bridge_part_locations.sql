{% set shape = {
    'locationId': 'integer',
    'area': 'text',
    'availableQuantity': 'integer',
    'minimumQuantity': 'integer',
    'maximumQuantity': 'integer',
    'reservedQuantity': 'integer',
    'assignedQuantity': 'integer',
    'committedQuantities': {'reserved': 'integer', 'kitted': 'integer', 'staged': 'integer'},
} %}
{% set quantities = {
    'available_quantity': 'shelf.availablequantity',
    'minimum_quantity': 'shelf.minimumquantity',
    'maximum_quantity': 'shelf.maximumquantity',
    'reserved_quantity': 'coalesce(shelf.committedquantities.reserved, shelf.reservedquantity)',
    'kitted_quantity': 'shelf.committedquantities.kitted',
    'staged_quantity': 'shelf.committedquantities.staged',
    'assigned_quantity': 'shelf.assignedquantity',
} %}

with

parts as (

    select * from {{ ref('stg_maintainx__parts') }}

),

shelves as (

    select
        parts.organization_id,
        parts.part_id,
        coalesce(shelf.locationid, 0) as location_id,
        {% for quantity, expression in quantities.items() %}
            {{ expression }} as {{ quantity }},
        {% endfor %}
        shelf.area
    from {{ json_elements('parts', 'locations', shape, 'shelf') }}
    where coalesce(shelf.locationid, shelf.availablequantity) is not null

),

summed as (

    select
        organization_id,
        part_id,
        location_id,
        {% for quantity in quantities %}
            {{ dbt.safe_cast('sum(' ~ quantity ~ ')', 'bigint') }} as {{ quantity }},
        {% endfor %}
        string_agg(distinct area, '; ' order by area) as area
    from shelves
    group by organization_id, part_id, location_id

),

final as (

    select
        organization_id,
        part_id,
        location_id,
        area,
        available_quantity,
        minimum_quantity,
        maximum_quantity,
        reserved_quantity,
        kitted_quantity,
        staged_quantity,
        assigned_quantity
    from summed

)

select * from final
