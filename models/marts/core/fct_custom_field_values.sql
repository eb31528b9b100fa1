with

work_orders as (

    select * from {{ ref('int_work_orders__live') }}

),

assets as (

    select * from {{ ref('stg_maintainx__assets') }}

),

locations as (

    select * from {{ ref('stg_maintainx__locations') }}

),

parts as (

    select * from {{ ref('stg_maintainx__parts') }}

),

vendors as (

    select * from {{ ref('stg_maintainx__vendors') }}

),

users as (

    select * from {{ ref('stg_maintainx__users') }}

),

work_requests as (

    select * from {{ ref('stg_maintainx__work_requests') }}

),

purchase_orders as (

    select * from {{ ref('stg_maintainx__purchase_orders') }}

),

purchase_order_lines as (

    select
        purchase_orders.organization_id,
        line.id as line_id,
        coalesce(line.lineextrafields, line.extrafields) as extra_fields
    from purchase_orders
    cross join
        {{
            json_elements(
                'purchase_orders.items',
                {'id': 'integer', 'lineExtraFields': 'json', 'extraFields': 'json'},
                'line'
            )
        }}
    where not purchase_orders.is_deleted

),

records as (

    select organization_id, 'work_orders' as entity, work_order_id as id, extra_fields
    from work_orders

    union all

    select organization_id, 'assets' as entity, asset_id as id, extra_fields
    from assets
    where not is_deleted

    union all

    select organization_id, 'locations' as entity, location_id as id, extra_fields
    from locations
    where not is_deleted

    union all

    select organization_id, 'parts' as entity, part_id as id, extra_fields
    from parts
    where not is_deleted

    union all

    select organization_id, 'vendors' as entity, vendor_id as id, extra_fields
    from vendors
    where not is_deleted

    union all

    select organization_id, 'users' as entity, user_id as id, extra_fields
    from users
    where not is_deleted

    union all

    select organization_id, 'work_requests' as entity, work_request_id as id, extra_fields
    from work_requests
    where not is_deleted

    union all

    select organization_id, 'purchase_orders' as entity, purchase_order_id as id, extra_fields
    from purchase_orders
    where not is_deleted

    union all

    select organization_id, 'line_item_purchase_orders' as entity, line_id as id, extra_fields
    from purchase_order_lines

),

fields as (

    select
        records.organization_id,
        records.entity,
        records.id,
        field.key as label,
        field.value as value,
        position
    from records
    cross join {{ json_entries('records.extra_fields', 'field') }}

),

{#- A key that stands twice in an object means its last value, as JSON readers have it. -#}
final as (

    select
        organization_id,
        entity,
        id,
        label,
        value
    from fields
    where trim(value) != ''
    qualify row_number() over (
        partition by organization_id, entity, id, label
        order by position desc
    ) = 1

)

select * from final
