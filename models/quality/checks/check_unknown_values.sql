{%- set fields = [
    ('work_orders', 'work_order_id', 'status'),
    ('work_orders', 'work_order_id', 'priority'),
    ('work_orders', 'work_order_id', 'work_type'),
    ('work_orders', 'work_order_id', 'part_status'),
    ('work_orders', 'work_order_id', 'parts_availability'),
    ('asset_statuses', 'asset_status_id', 'status'),
    ('asset_statuses', 'asset_status_id', 'downtime_type'),
    ('work_requests', 'work_request_id', 'request_status'),
    ('work_requests', 'work_request_id', 'priority'),
    ('purchase_orders', 'purchase_order_id', 'status'),
    ('part_transfer_requests', 'part_transfer_request_id', 'status'),
    ('users', 'user_id', 'role'),
    ('users', 'user_id', 'auth_type'),
] -%}

with

known_values as (

    select * from {{ ref('known_values') }}

    union all

    select
        'work_orders' as list_name,
        'status' as field,
        source_status as known_value
    from {{ ref('work_order_statuses') }}

    {% for list in ['work_orders', 'work_requests'] %}
        union all

        select
            '{{ list }}' as list_name,
            'priority' as field,
            source_priority as known_value
        from {{ ref('work_order_priorities') }}
    {% endfor %}

),

found as (

    {% for list, id, field in fields %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            {{ field }} as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and {{ field }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select found.*
    from found
    left join known_values
        on
            found.list_name = known_values.list_name
            and found.field = known_values.field
            and found.found_value = known_values.known_value
    where known_values.known_value is null

)

select * from final
