{%- set marks = [
    ('work_orders', 'work_order_id', 'sequential_id'),
    ('assets', 'asset_id', 'serial_number'),
    ('assets', 'asset_id', 'barcode'),
    ('locations', 'location_id', 'barcode'),
    ('users', 'user_id', 'email'),
    ('parts', 'part_id', 'barcode'),
    ('vendors', 'vendor_id', 'name'),
    ('categories', 'category_id', 'label'),
    ('teams', 'team_id', 'name'),
] -%}

with

marked as (

    {% for list, id, field in marks %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            lower({{ trimmed('cast(' ~ field ~ ' as string)') }}) as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where not is_deleted
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        *,
        count(*) over (
            partition by organization_id, list_name, field, found_value
        ) as record_count
    from marked
    where found_value != ''

),

final as (

    select
        organization_id,
        list_name,
        record_id,
        field,
        found_value
    from counted
    where record_count > 1

)

select * from final
