{# The depth limits the number of steps, so the recursion also ends in a cycle. #}
{% macro hierarchy_ancestors(nodes) -%}
ancestors as (

    select
        organization_id,
        node_id,
        node_id as ancestor_id,
        parent_id as next_id,
        depth as remaining,
        cast(0 as bigint) as distance
    from {{ nodes }}

    union all

    select
        ancestors.organization_id,
        ancestors.node_id,
        {{ nodes }}.node_id as ancestor_id,
        {{ nodes }}.parent_id as next_id,
        ancestors.remaining - 1 as remaining,
        ancestors.distance + 1 as distance
    from ancestors
    inner join {{ nodes }}
        on
            ancestors.organization_id = {{ nodes }}.organization_id
            and ancestors.next_id = {{ nodes }}.node_id
    where ancestors.remaining > 1

)
{%- endmacro %}
