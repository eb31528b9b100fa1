with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

field_values as (

    select * from {{ ref('fct_custom_field_values') }}
    where entity = 'work_orders'

),

final as (

    {% for name, label in var('custom_field_columns').items() %}
        select
            work_orders.organization_id,
            work_orders.work_order_id,
            '{{ name }}' as column_name,
            work_orders.{{ adapter.quote(name) }} as column_value,
            field_values.value as field_value
        from work_orders
        left join field_values
            on
                work_orders.organization_id = field_values.organization_id
                and work_orders.work_order_id = field_values.id
                and field_values.label in {{ string_list([label]) }}
        where
            case when trim(work_orders.{{ adapter.quote(name) }}) != '' then work_orders.{{ adapter.quote(name) }} end
            is distinct from field_values.value
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
