{#-
    The recursion goes top-down from the roots, one pass per level. It does not reach nodes in a
    cycle or below one. Those few are followed bottom-up, each with the list of nodes it has passed.
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

walk_up as (

    select
        organization_id,
        node_id,
        node_id as root_id,
        node_name as root_name,
        parent_id as next_id,
        node_name as path,
        cast(1 as bigint) as depth,
        '/' || cast(node_id as string) || '/' as visited_ids
    from unreached_nodes

    union all

    select
        walk_up.organization_id,
        walk_up.node_id,
        unreached_nodes.node_id as root_id,
        unreached_nodes.node_name as root_name,
        unreached_nodes.parent_id as next_id,
        unreached_nodes.node_name || ' > ' || walk_up.path as path,
        walk_up.depth + 1 as depth,
        walk_up.visited_ids || cast(unreached_nodes.node_id as string) || '/' as visited_ids
    from walk_up
    inner join unreached_nodes
        on
            walk_up.organization_id = unreached_nodes.organization_id
            and walk_up.next_id = unreached_nodes.node_id
    where strpos(walk_up.visited_ids, '/' || cast(walk_up.next_id as string) || '/') = 0

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
        next_id = node_id as is_in_cycle
    from walk_up
    where strpos(visited_ids, '/' || cast(next_id as string) || '/') > 0

)
{%- endmacro %}
