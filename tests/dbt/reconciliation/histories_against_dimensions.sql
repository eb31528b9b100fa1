{%- set dimensions = {
    'assets': ('asset_id', [
        'parent_asset_id', 'location_id', 'criticality_id', 'asset_name', 'criticality',
        'description', 'serial_number', 'manufacturer', 'model', 'barcode', 'is_deleted',
        'team_ids', 'vendor_ids', 'custom_fields',
    ]),
    'parts': ('part_id', [
        'location_id', 'part_name', 'description', 'barcode', 'area', 'unit_cost',
        'minimum_quantity', 'maximum_quantity', 'is_deleted', 'part_types', 'custom_fields',
    ]),
    'users': ('user_id', [
        'full_name', 'email', 'phone_number', 'role', 'hourly_rate', 'is_deleted', 'custom_fields',
    ]),
} -%}

with

final as (

    {% for dimension, (id, columns) in dimensions.items() %}
        {% set outer_loop = loop %}
        {% for column in columns %}
            select
                'dim_{{ dimension }}_history' as history,
                dimensions.organization_id,
                dimensions.{{ id }} as id,
                '{{ column }}' as column_name,
                {{ json_text('histories.' ~ column) }} as current_value,
                {{ json_text('dimensions.' ~ column) }} as dimension_value
            from {{ ref('dim_' ~ dimension) }} as dimensions
            inner join {{ ref('dim_' ~ dimension ~ '_history') }} as histories
                on
                    dimensions.organization_id = histories.organization_id
                    and dimensions.{{ id }} = histories.{{ id }}
                    and histories.is_current
            where
                {{ json_text('histories.' ~ column) }}
                is distinct from {{ json_text('dimensions.' ~ column) }}
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

)

select * from final
