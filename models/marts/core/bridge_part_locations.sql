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
    'available_quantity': 'availablequantity',
    'minimum_quantity': 'minimumquantity',
    'maximum_quantity': 'maximumquantity',
    'reserved_quantity': 'reservedquantity',
    'kitted_quantity': 'committedquantities.kitted',
    'staged_quantity': 'committedquantities.staged',
    'assigned_quantity': 'assignedquantity',
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
        shelf.area,
        {% for quantity, field in quantities.items() %}
            {% if quantity == 'reserved_quantity' %}
                coalesce(shelf.committedquantities.reserved, shelf.{{ field }})
            {% else %}
                shelf.{{ field }}
            {% endif %} as {{ quantity }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from parts
    cross join {{ json_elements('parts.locations', shape, 'shelf') }}
    where coalesce(shelf.locationid, shelf.availablequantity) is not null

),

final as (

    select
        organization_id,
        part_id,
        location_id,
        string_agg(distinct area, '; ' order by area) as area,
        {% for quantity in quantities %}
            {{ dbt.safe_cast('sum(' ~ quantity ~ ')', 'bigint') }} as {{ quantity }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from shelves
    group by organization_id, part_id, location_id

)

select * from final
