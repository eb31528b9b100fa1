{#- The path shows the id of a root without a name. -#}
{%- set name_or_id -%}
    case
        when {{ trimmed('dimensions.asset_name') }} != '' then dimensions.asset_name
        else cast(dimensions.asset_id as string)
    end
{%- endset -%}
{%- set copies = [
    ('fct_work_orders', 'work_order_id', 'asset_id', 'assets', {
        'asset_name': 'dimensions.asset_name',
    }),
    ('fct_work_orders', 'work_order_id', 'requested_by_user_id', 'users', {
        'requested_by_name': 'dimensions.full_name',
    }),
    ('fct_work_orders', 'work_order_id', 'completed_by_user_id', 'users', {
        'completed_by_name': 'dimensions.full_name',
    }),
    ('fct_work_requests', 'work_request_id', 'asset_id', 'assets', {
        'asset_name': 'dimensions.asset_name',
    }),
    ('fct_work_orders', 'work_order_id', 'location_id', 'locations', {
        'location_name': 'dimensions.location_name',
    }),
    ('fct_work_requests', 'work_request_id', 'location_id', 'locations', {
        'location_name': 'dimensions.location_name',
    }),
    ('dim_assets', 'asset_id', 'root_asset_id', 'assets', {
        'root_asset_name': name_or_id,
    }),
] -%}
{%- for mart, id in [
    ('fct_work_orders', 'work_order_id'),
    ('fct_work_requests', 'work_request_id'),
    ('dim_assets', 'asset_id'),
] -%}
    {%- do copies.append((mart, id, 'location_id', 'locations', {
        'location_path': 'dimensions.location_path',
        'site_name': 'dimensions.site_name',
        'site_label': 'dimensions.site_label',
        'site_location_id': 'dimensions.site_location_id',
    })) -%}
{%- endfor -%}

with

final as (

    {% for mart, id, foreign_key, dimension, columns in copies %}
        {% set outer_loop = loop %}
        {% for copy, original in columns.items() %}
            select
                '{{ mart }}' as mart,
                marts.organization_id,
                marts.{{ id }} as id,
                '{{ copy }}' as column_name,
                cast(marts.{{ copy }} as string) as copied,
                cast({{ original }} as string) as original
            from {{ ref(mart) }} as marts
            left join {{ ref('dim_' ~ dimension) }} as dimensions
                on
                    marts.organization_id = dimensions.organization_id
                    and marts.{{ foreign_key }} = dimensions.{{ dimension[:-1] }}_id
            where
                coalesce(cast(marts.{{ copy }} as string), '')
                != coalesce(cast({{ original }} as string), '')
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

)

select * from final
