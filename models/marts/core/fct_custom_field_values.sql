{% set lists = {
    'assets': 'asset_id',
    'locations': 'location_id',
    'parts': 'part_id',
    'vendors': 'vendor_id',
    'users': 'user_id',
    'work_requests': 'work_request_id',
    'purchase_orders': 'purchase_order_id',
} %}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

purchase_orders as (

    select * from {{ ref('stg_maintainx__purchase_orders') }}

),

purchase_order_lines as (

    select
        purchase_orders.organization_id,
        line.id as line_id,
        coalesce(
            {{ json_object('line.lineextrafields') }}, {{ json_object('line.extrafields') }}
        ) as extra_fields
    from
        {{
            json_elements(
                'purchase_orders',
                'items',
                {'id': 'integer', 'lineExtraFields': 'json', 'extraFields': 'json'},
                'line'
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

    {% for list, id in lists.items() %}
        select
            organization_id,
            '{{ list }}' as entity,
            {{ id }} as id,
            extra_fields
        from {{ ref('stg_maintainx__' ~ list) }}
        where not is_deleted

        union all

    {% endfor %}
    select
        organization_id,
        'work_orders' as entity,
        work_order_id as id,
        extra_fields
    from work_orders

    union all

    select
        organization_id,
        'line_item_purchase_orders' as entity,
        line_id as id,
        extra_fields
    from purchase_order_lines

),

final as (

    select
        records.organization_id,
        records.entity,
        records.id,
        field.key as label,
        field.value
    from {{ json_entries('records', 'extra_fields', 'field') }}
    where trim(field.value) != ''

)

select * from final
