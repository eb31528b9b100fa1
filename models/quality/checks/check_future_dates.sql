{%- set moments = [
    ('work_orders', 'work_order_id', 'created_at'),
    ('work_orders', 'work_order_id', 'updated_at'),
    ('work_orders', 'work_order_id', 'completed_at'),
    ('assets', 'asset_id', 'created_at'),
    ('assets', 'asset_id', 'updated_at'),
    ('locations', 'location_id', 'created_at'),
    ('locations', 'location_id', 'updated_at'),
    ('parts', 'part_id', 'created_at'),
    ('parts', 'part_id', 'updated_at'),
    ('asset_statuses', 'asset_status_id', 'created_at'),
    ('asset_statuses', 'asset_status_id', 'started_at'),
    ('asset_statuses', 'asset_status_id', 'ended_at'),
    ('work_requests', 'work_request_id', 'created_at'),
    ('work_requests', 'work_request_id', 'updated_at'),
    ('purchase_orders', 'purchase_order_id', 'created_at'),
    ('purchase_orders', 'purchase_order_id', 'updated_at'),
    ('purchase_orders', 'purchase_order_id', 'approval_at'),
    ('users', 'user_id', 'last_visited_at'),
] -%}

-- One day of tolerance, because clocks differ. Compared with the time of extraction, because
-- `as_of` may lie in the past.
with

final as (

    {% for list, id, field in moments %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            {{ timestamp_text(field) }} as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and {{ hours_between('extracted_at', field) }} > 24
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
