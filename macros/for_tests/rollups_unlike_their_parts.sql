{% macro rollups_unlike_their_parts(node) -%}
with

nodes as (

    select * from {{ ref('dim_' ~ node ~ 's') }}

),

ancestors as (

    select * from {{ ref('bridge_' ~ node ~ '_ancestors') }}

),

own_orders as (

    select
        organization_id,
        {{ node }}_id,
        count(*) as orders
    from {{ ref('fct_work_orders') }}
    group by organization_id, {{ node }}_id

),

rollups as (

    select
        ancestors.organization_id,
        ancestors.ancestor_{{ node }}_id as {{ node }}_id,
        sum(own_orders.orders) as orders
    from ancestors
    inner join own_orders
        on
            ancestors.organization_id = own_orders.organization_id
            and ancestors.{{ node }}_id = own_orders.{{ node }}_id
    group by ancestors.organization_id, ancestors.ancestor_{{ node }}_id

),

part_rollups as (

    select
        parts.organization_id,
        parts.parent_{{ node }}_id as {{ node }}_id,
        sum(rollups.orders) as orders
    from nodes as parts
    inner join rollups
        on
            parts.organization_id = rollups.organization_id
            and parts.{{ node }}_id = rollups.{{ node }}_id
    group by parts.organization_id, parts.parent_{{ node }}_id

)

select
    nodes.organization_id,
    nodes.{{ node }}_id,
    nodes.{{ node }}_path,
    own_orders.orders as own_orders,
    part_rollups.orders as orders_of_parts,
    rollups.orders as orders_with_parts
from nodes
left join own_orders
    on
        nodes.organization_id = own_orders.organization_id
        and nodes.{{ node }}_id = own_orders.{{ node }}_id
left join part_rollups
    on
        nodes.organization_id = part_rollups.organization_id
        and nodes.{{ node }}_id = part_rollups.{{ node }}_id
left join rollups
    on
        nodes.organization_id = rollups.organization_id
        and nodes.{{ node }}_id = rollups.{{ node }}_id
where
    not nodes.is_in_cycle
    and coalesce(rollups.orders, 0)
    != coalesce(own_orders.orders, 0) + coalesce(part_rollups.orders, 0)
{%- endmacro %}
