{% set shape = {
    'id': 'integer',
    'locationId': 'integer',
    'name': 'text',
    'quantityUsed': 'number',
    'unitCost': 'integer',
    'copyOnRecurring': 'text',
} %}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

used_parts as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        part.id as part_id,
        coalesce(part.locationid, 0) as location_id,
        part.name as part_name,
        part.quantityused as quantity_used,
        part.copyonrecurring as copy_on_recurring,
        {{ to_amount('part.unitcost / 100') }} as unit_cost,
        {{ to_amount('part.unitcost / 100 * part.quantityused') }} as amount
    from {{ json_elements('work_orders', 'parts', shape, 'part') }}
    where part.id is not null

),

summed_parts as (

    select
        organization_id,
        work_order_id,
        part_id,
        location_id,
        max(part_name) as part_name,
        coalesce(sum(quantity_used), 0) as quantity_used,
        max(unit_cost) as unit_cost,
        max(copy_on_recurring) as copy_on_recurring,
        sum(amount) as amount
    from used_parts
    group by organization_id, work_order_id, part_id, location_id

),

final as (

    select
        summed_parts.organization_id,
        summed_parts.work_order_id,
        summed_parts.part_id,
        summed_parts.location_id,
        summed_parts.part_name,
        summed_parts.copy_on_recurring,
        organizations.currency,
        {{ to_number('summed_parts.quantity_used') }} as quantity_used,
        summed_parts.unit_cost,
        {{ to_amount('summed_parts.amount') }} as amount
    from summed_parts
    left join organizations
        on summed_parts.organization_id = organizations.organization_id

)

select * from final
