{%- set names = [
    ('work_orders', 'work_order_id', 'title'),
    ('assets', 'asset_id', 'name'),
    ('locations', 'location_id', 'name'),
    ('teams', 'team_id', 'name'),
    ('categories', 'category_id', 'label'),
    ('parts', 'part_id', 'name'),
    ('vendors', 'vendor_id', 'name'),
    ('work_requests', 'work_request_id', 'title'),
    ('meters', 'meter_id', 'name'),
] -%}

with

final as (

    {% for list, id, field in names %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            {{ field }} as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and coalesce({{ trimmed(field) }}, '') = ''

        union all
    {% endfor %}

    select
        organization_id,
        'users' as list_name,
        user_id as record_id,
        'full_name' as field,
        full_name as found_value
    from {{ ref('dim_users') }}
    where
        not is_deleted
        and full_name is null

)

select * from final
