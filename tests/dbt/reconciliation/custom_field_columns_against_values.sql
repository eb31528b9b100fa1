{% for name, label in var('custom_field_columns').items() %}
    select
        work_orders.organization_id,
        work_orders.work_order_id,
        '{{ name }}' as column_name,
        work_orders.{{ adapter.quote(name) }} as column_value,
        field_values.value as field_value
    from {{ ref('fct_work_orders') }} as work_orders
    left join {{ ref('fct_custom_field_values') }} as field_values
        on
            work_orders.organization_id = field_values.organization_id
            and work_orders.work_order_id = field_values.id
            and field_values.entity = 'work_orders'
            and field_values.label in {{ string_list([label]) }}
    where
        case
            when {{ trimmed('work_orders.' ~ adapter.quote(name)) }} != ''
                then work_orders.{{ adapter.quote(name) }}
        end is distinct from field_values.value
    {{ 'union all' if not loop.last }}
{% else %}
    select * from {{ ref('fct_work_orders') }}
    where false
{% endfor %}
