{#-
    The recursion goes top-down from the roots, one pass per level. It does not reach nodes in a
    cycle or below one. Cycles are followed bottom-up, until a node comes to itself, and what hangs
    below them top-down.
-#}
{% macro hierarchy_paths(nodes) -%}
linked_nodes as (

    select
        {{ nodes }}.organization_id,
        {{ nodes }}.node_id,
        {{ nodes }}.parent_id,
        {{ name_or_else(nodes ~ '.node_name', nodes ~ '.node_id') }} as node_name,
        parents.node_id is not null as has_known_parent
    from {{ nodes }}
    left join {{ nodes }} as parents
        on
            {{ nodes }}.organization_id = parents.organization_id
            and {{ nodes }}.parent_id = parents.node_id

),

walk_down as (

    select
        organization_id,
        node_id,
        node_id as root_id,
        node_name as root_name,
        node_name as path,
        cast(1 as bigint) as depth,
        parent_id is not null as has_unknown_parent
    from linked_nodes
    where not has_known_parent

    union all

    select
        linked_nodes.organization_id,
        linked_nodes.node_id,
        walk_down.root_id,
        walk_down.root_name,
        walk_down.path || ' > ' || linked_nodes.node_name as path,
        walk_down.depth + 1 as depth,
        false as has_unknown_parent
    from walk_down
    inner join linked_nodes
        on
            walk_down.organization_id = linked_nodes.organization_id
            and walk_down.node_id = linked_nodes.parent_id

),

unreached_nodes as (

    select linked_nodes.*
    from linked_nodes
    left join walk_down
        on
            linked_nodes.organization_id = walk_down.organization_id
            and linked_nodes.node_id = walk_down.node_id
    where walk_down.node_id is null

),

{# The leaves are spared: a node of a cycle has a child that no root reaches. #}
unreached_parents as (

    select *
    from unreached_nodes
    where exists (
        select 1
        from unreached_nodes as children
        where
            unreached_nodes.organization_id = children.organization_id
            and unreached_nodes.node_id = children.parent_id
    )

),

{{ climbs('unreached_parents', 'unreached_nodes', 'parent_id') }},

{# One climb is enough for all nodes of a cycle: that of the lowest id. #}
cycles as (

    select
        organization_id,
        node_id as cycle_id
    from climbs
    group by organization_id, node_id
    having max(case when next_id = node_id then 1 else 0 end) = 1 and min(passed_id) = node_id

),

nodes_of_cycles as (

    select
        climbs.organization_id,
        cycles.cycle_id,
        climbs.passed_id as node_id,
        climbs.next_id as parent_id,
        climbs.step,
        unreached_nodes.node_name,
        sum(length(unreached_nodes.node_name || ' > ')) over (
            partition by climbs.organization_id, cycles.cycle_id
            order by climbs.step desc
            rows between unbounded preceding and current row
        ) as next_begin
    from climbs
    inner join cycles
        on
            climbs.organization_id = cycles.organization_id
            and climbs.node_id = cycles.cycle_id
    inner join unreached_nodes
        on
            climbs.organization_id = unreached_nodes.organization_id
            and climbs.passed_id = unreached_nodes.node_id

),

texts_of_cycles as (

    select
        organization_id,
        cycle_id,
        string_agg(node_name, ' > ' order by step desc) as names,
        count(*) as depth
    from nodes_of_cycles
    group by organization_id, cycle_id

),

{# Each node of a cycle has the same names in its path, from another one on. #}
cycle_paths as (

    select
        nodes_of_cycles.organization_id,
        nodes_of_cycles.node_id,
        roots.node_id as root_id,
        roots.node_name as root_name,
        substr(
            texts_of_cycles.names || ' > ' || texts_of_cycles.names,
            cast(nodes_of_cycles.next_begin + 1 as bigint),
            length(texts_of_cycles.names)
        ) as path,
        texts_of_cycles.depth
    from nodes_of_cycles
    inner join nodes_of_cycles as roots
        on
            nodes_of_cycles.organization_id = roots.organization_id
            and nodes_of_cycles.cycle_id = roots.cycle_id
            and nodes_of_cycles.node_id = roots.parent_id
    inner join texts_of_cycles
        on
            nodes_of_cycles.organization_id = texts_of_cycles.organization_id
            and nodes_of_cycles.cycle_id = texts_of_cycles.cycle_id

),

nodes_below_cycles as (

    select unreached_nodes.*
    from unreached_nodes
    left join cycle_paths
        on
            unreached_nodes.organization_id = cycle_paths.organization_id
            and unreached_nodes.node_id = cycle_paths.node_id
    where cycle_paths.node_id is null

),

walk_down_from_cycles as (

    select
        organization_id,
        node_id,
        root_id,
        root_name,
        path,
        depth,
        true as is_in_cycle
    from cycle_paths

    union all

    select
        nodes_below_cycles.organization_id,
        nodes_below_cycles.node_id,
        walk_down_from_cycles.root_id,
        walk_down_from_cycles.root_name,
        walk_down_from_cycles.path || ' > ' || nodes_below_cycles.node_name as path,
        walk_down_from_cycles.depth + 1 as depth,
        false as is_in_cycle
    from walk_down_from_cycles
    inner join nodes_below_cycles
        on
            walk_down_from_cycles.organization_id = nodes_below_cycles.organization_id
            and walk_down_from_cycles.node_id = nodes_below_cycles.parent_id

),

paths as (

    select
        organization_id,
        node_id,
        root_id,
        root_name,
        path,
        depth,
        has_unknown_parent,
        false as is_in_cycle
    from walk_down

    union all

    select
        organization_id,
        node_id,
        root_id,
        root_name,
        path,
        depth,
        false as has_unknown_parent,
        is_in_cycle
    from walk_down_from_cycles

    union all

    select
        nodes_below_cycles.organization_id,
        nodes_below_cycles.node_id,
        nodes_below_cycles.node_id as root_id,
        nodes_below_cycles.node_name as root_name,
        nodes_below_cycles.node_name as path,
        1 as depth,
        false as has_unknown_parent,
        true as is_in_cycle
    from nodes_below_cycles
    left join walk_down_from_cycles
        on
            nodes_below_cycles.organization_id = walk_down_from_cycles.organization_id
            and nodes_below_cycles.node_id = walk_down_from_cycles.node_id
    where walk_down_from_cycles.node_id is null

)
{%- endmacro %}
