{% macro ancestors_off_the_path(node, root) -%}
with

ancestors as (

    select
        organization_id,
        {{ node }}_id,
        count(*) as ancestors,
        max(distance) as furthest_distance
    from {{ ref('bridge_' ~ node ~ '_ancestors') }}
    group by organization_id, {{ node }}_id

),

roots as (

    select
        bridge.organization_id,
        bridge.{{ node }}_id,
        bridge.ancestor_{{ node }}_id
    from {{ ref('bridge_' ~ node ~ '_ancestors') }} as bridge
    inner join ancestors
        on
            bridge.organization_id = ancestors.organization_id
            and bridge.{{ node }}_id = ancestors.{{ node }}_id
            and bridge.distance = ancestors.furthest_distance

)

select
    nodes.organization_id,
    nodes.{{ node }}_id,
    nodes.{{ node }}_path,
    nodes.depth,
    ancestors.ancestors,
    roots.ancestor_{{ node }}_id as last_ancestor_{{ node }}_id
from {{ ref('dim_' ~ node ~ 's') }} as nodes
left join ancestors
    on
        nodes.organization_id = ancestors.organization_id
        and nodes.{{ node }}_id = ancestors.{{ node }}_id
left join roots
    on
        nodes.organization_id = roots.organization_id
        and nodes.{{ node }}_id = roots.{{ node }}_id
where
    ancestors.ancestors is distinct from nodes.depth
    or ancestors.furthest_distance is distinct from nodes.depth - 1
    or roots.ancestor_{{ node }}_id is distinct from nodes.{{ root }}
{%- endmacro %}
