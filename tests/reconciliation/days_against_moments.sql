{%- set days = [
    ('fct_work_orders', 'work_order_id', 'created_on', 'created_at'),
    ('fct_work_orders', 'work_order_id', 'started_on', 'start_at'),
    ('fct_work_orders', 'work_order_id', 'due_on', 'due_at'),
    ('fct_work_orders', 'work_order_id', 'completed_on', 'completed_at'),
    ('fct_work_requests', 'work_request_id', 'created_on', 'created_at'),
] -%}

with

final as (

    {% for mart, id, day, moment in days %}
        select
            '{{ mart }}' as mart,
            marts.organization_id,
            marts.{{ id }} as id,
            '{{ day }}' as column_name,
            marts.{{ moment }} as happened_at,
            marts.{{ day }} as happened_on,
            organizations.time_zone
        from {{ ref(mart) }} as marts
        left join {{ ref('dim_organizations') }} as organizations
            on marts.organization_id = organizations.organization_id
        where
            marts.{{ day }} is distinct from
            {{ local_date('marts.' ~ moment, "coalesce(organizations.time_zone, 'UTC')") }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
