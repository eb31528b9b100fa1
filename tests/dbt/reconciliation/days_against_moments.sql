{%- set days = [
    ('fct_work_orders', 'work_order_id', 'created_on', 'created_at'),
    ('fct_work_orders', 'work_order_id', 'started_on', 'start_at'),
    ('fct_work_orders', 'work_order_id', 'due_on', 'due_at'),
    ('fct_work_orders', 'work_order_id', 'completed_on', 'completed_at'),
    ('fct_work_requests', 'work_request_id', 'created_on', 'created_at'),
] -%}

with

zones as (

    select
        'fct_work_orders' as mart,
        work_orders.organization_id,
        work_orders.work_order_id as id,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone
    from {{ ref('fct_work_orders') }} as work_orders
    left join {{ ref('dim_locations') }} as locations
        on
            work_orders.organization_id = locations.organization_id
            and work_orders.location_id = locations.location_id
    left join {{ ref('dim_organizations') }} as organizations
        on work_orders.organization_id = organizations.organization_id

    union all

    select
        'fct_work_requests' as mart,
        work_requests.organization_id,
        work_requests.work_request_id as id,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone
    from {{ ref('fct_work_requests') }} as work_requests
    left join {{ ref('dim_locations') }} as locations
        on
            work_requests.organization_id = locations.organization_id
            and work_requests.location_id = locations.location_id
    left join {{ ref('dim_organizations') }} as organizations
        on work_requests.organization_id = organizations.organization_id

),

final as (

    {% for mart, id, day, moment in days %}
        select
            zones.mart,
            zones.organization_id,
            zones.id,
            '{{ day }}' as column_name,
            marts.{{ moment }} as happened_at,
            marts.{{ day }} as happened_on,
            zones.time_zone
        from {{ ref(mart) }} as marts
        inner join zones
            on
                marts.organization_id = zones.organization_id
                and marts.{{ id }} = zones.id
                and zones.mart = '{{ mart }}'
        where
            marts.{{ day }}
            is distinct from {{ local_date('marts.' ~ moment, 'zones.time_zone') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
