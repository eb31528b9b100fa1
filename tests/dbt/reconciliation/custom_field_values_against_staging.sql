{%- set lists = {
    'assets': 'asset_id',
    'locations': 'location_id',
    'parts': 'part_id',
    'vendors': 'vendor_id',
    'users': 'user_id',
    'work_requests': 'work_request_id',
    'purchase_orders': 'purchase_order_id',
} -%}

with

work_orders as (

    select
        staged_orders.organization_id,
        'work_orders' as entity,
        staged_orders.work_order_id as id,
        staged_orders.extra_fields
    from {{ ref('stg_maintainx__work_orders') }} as staged_orders
    inner join {{ ref('fct_work_orders') }} as mart_orders
        on
            staged_orders.organization_id = mart_orders.organization_id
            and staged_orders.work_order_id = mart_orders.work_order_id

),

lines as (

    select
        purchase_orders.organization_id,
        'line_item_purchase_orders' as entity,
        line.id,
        coalesce(
            {{ json_object('line.lineextrafields') }}, {{ json_object('line.extrafields') }}
        ) as extra_fields
    from
        {{
            json_elements(
                ref('stg_maintainx__purchase_orders'),
                'purchase_orders.items',
                {'id': 'integer', 'lineExtraFields': 'json', 'extraFields': 'json'},
                'line',
                name='purchase_orders'
            )
        }}
    where
        not purchase_orders.is_deleted
        and line.id is not null
    qualify
        row_number() over (
            partition by purchase_orders.organization_id, line.id
            order by purchase_orders.purchase_order_id, position
        ) = 1

),

records as (

    select * from work_orders

    union all

    select * from lines

    {% for list, id in lists.items() %}
        union all

        select
            organization_id,
            '{{ list }}' as entity,
            {{ id }} as id,
            extra_fields
        from {{ ref('stg_maintainx__' ~ list) }}
        where not is_deleted
    {% endfor %}

),

staged as (

    select
        records.organization_id,
        records.entity,
        records.id,
        field.key as label,
        field.value
    from {{ json_entries('records', 'extra_fields', 'field') }}
    where trim(field.value) != ''

),

final as (

    select
        coalesce(staged.organization_id, field_values.organization_id) as organization_id,
        coalesce(staged.entity, field_values.entity) as entity,
        coalesce(staged.id, field_values.id) as id,
        coalesce(staged.label, field_values.label) as label,
        staged.value as staged_value,
        field_values.value
    from staged
    full outer join {{ ref('fct_custom_field_values') }} as field_values
        on
            staged.organization_id = field_values.organization_id
            and staged.entity = field_values.entity
            and staged.id = field_values.id
            and staged.label = field_values.label
    where staged.value is distinct from field_values.value

)

select * from final
