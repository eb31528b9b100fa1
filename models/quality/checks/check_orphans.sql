{%- set foreign_keys = [
    ('work_orders', 'work_order_id', 'asset_id', 'assets', 'asset_id'),
    ('work_orders', 'work_order_id', 'location_id', 'locations', 'location_id'),
    ('work_orders', 'work_order_id', 'creator_id', 'users', 'user_id'),
    ('work_orders', 'work_order_id', 'completed_by_user_id', 'users', 'user_id'),
    ('work_orders', 'work_order_id', 'requested_by_user_id', 'users', 'user_id'),
    ('work_orders', 'work_order_id', 'previous_work_order_id', 'work_orders', 'work_order_id'),
    ('work_orders', 'work_order_id', 'next_work_order_id', 'work_orders', 'work_order_id'),
    ('assets', 'asset_id', 'parent_asset_id', 'assets', 'asset_id'),
    ('assets', 'asset_id', 'location_id', 'locations', 'location_id'),
    ('assets', 'asset_id', 'criticality_id', 'asset_criticalities', 'asset_criticality_id'),
    ('asset_statuses', 'asset_status_id', 'asset_id', 'assets', 'asset_id'),
    ('locations', 'location_id', 'parent_location_id', 'locations', 'location_id'),
    ('parts', 'part_id', 'location_id', 'locations', 'location_id'),
    ('purchase_orders', 'purchase_order_id', 'vendor_id', 'vendors', 'vendor_id'),
    ('work_requests', 'work_request_id', 'asset_id', 'assets', 'asset_id'),
    ('work_requests', 'work_request_id', 'location_id', 'locations', 'location_id'),
    ('work_requests', 'work_request_id', 'work_order_id', 'work_orders', 'work_order_id'),
    ('meters', 'meter_id', 'asset_id', 'assets', 'asset_id'),
    ('meters', 'meter_id', 'location_id', 'locations', 'location_id'),
    ('meter_triggers', 'meter_trigger_id', 'meter_id', 'meters', 'meter_id'),
    ('models', 'model_id', 'manufacturer_id', 'manufacturers', 'manufacturer_id'),
] -%}

with

final as (

    {% for list, id, field, referred_list, referred_id in foreign_keys %}
        select
            referring.organization_id,
            '{{ list }}' as list_name,
            referring.{{ id }} as record_id,
            '{{ field }}' as field,
            cast(referring.{{ field }} as string) as found_value
        from {{ ref('stg_maintainx__' ~ list) }} as referring
        left join {{ ref('stg_maintainx__' ~ referred_list) }} as referred
            on
                referring.organization_id = referred.organization_id
                and referring.{{ field }} = referred.{{ referred_id }}
        where
            not referring.is_deleted
            and referring.{{ field }} is not null
            and referred.{{ referred_id }} is null
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
