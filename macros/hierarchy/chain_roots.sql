{#-
    Pointer doubling: each round looks twice as far back as the round before, so 17 rounds cover
    chains of 131,072 nodes. A node that still has a node before it is in a cycle. The root of a
    cycle is its lowest id.
-#}
{% macro chain_roots(links) -%}
    {{ adapter.dispatch('chain_roots')(links) }}
{%- endmacro %}

{% macro duckdb__chain_roots(links) -%}
round_0 as materialized (

    select
        organization_id,
        node_id,
        former_id,
        coalesce(former_id, node_id) as root_id,
        least(node_id, coalesce(former_id, node_id)) as lowest_id,
        case when former_id is null then 0 else 1 end as position
    from {{ links }}

),

{% for number in range(17) -%}
round_{{ number + 1 }} as materialized (

    select
        latter.organization_id,
        latter.node_id,
        former.former_id,
        coalesce(former.root_id, latter.root_id) as root_id,
        least(latter.lowest_id, coalesce(former.lowest_id, latter.lowest_id)) as lowest_id,
        latter.position + coalesce(former.position, 0) as position
    from round_{{ number }} as latter
    left join round_{{ number }} as former
        on
            latter.organization_id = former.organization_id
            and latter.former_id = former.node_id

),

{% endfor -%}
chain_roots as (

    select
        latter.organization_id,
        latter.node_id,
        coalesce(former.lowest_id, latter.root_id) as root_id,
        latter.former_id is not null as is_in_cycle,
        latter.position
    from round_17 as latter
    left join round_17 as former
        on
            latter.organization_id = former.organization_id
            and latter.former_id = former.node_id

)
{%- endmacro %}

{#-
    BigQuery stops a recursion after 500 rounds and evaluates a CTE again at each reference, so
    pointer doubling does not work there. Every sixteenth node is a mark. The query follows each
    mark to the next mark, then the chains of marks. Nodes that no first node reaches are in a
    cycle; each of them is its own root.
-#}
{% macro bigquery__chain_roots(links) -%}
marked as (

    select
        organization_id,
        node_id,
        former_id,
        former_id is null or mod(farm_fingerprint(cast(node_id as string)), 16) = 0 as is_mark
    from {{ links }}

),

stretches as (

    select
        organization_id,
        node_id,
        node_id as mark_id,
        0 as steps
    from marked
    where is_mark

    union all

    select
        marked.organization_id,
        marked.node_id,
        stretches.mark_id,
        stretches.steps + 1 as steps
    from stretches
    inner join marked
        on
            stretches.organization_id = marked.organization_id
            and stretches.node_id = marked.former_id
    where not marked.is_mark

),

hops as (

    select
        marked.organization_id,
        marked.node_id as mark_id,
        stretches.mark_id as former_mark_id,
        stretches.steps + 1 as steps
    from marked
    inner join stretches
        on
            marked.organization_id = stretches.organization_id
            and marked.former_id = stretches.node_id
    where marked.is_mark

),

mark_roots as (

    select
        organization_id,
        node_id as mark_id,
        node_id as root_id,
        0 as position
    from marked
    where former_id is null

    union all

    select
        hops.organization_id,
        hops.mark_id,
        mark_roots.root_id,
        mark_roots.position + hops.steps as position
    from mark_roots
    inner join hops
        on
            mark_roots.organization_id = hops.organization_id
            and mark_roots.mark_id = hops.former_mark_id

),

chain_roots as (

    select
        marked.organization_id,
        marked.node_id,
        coalesce(mark_roots.root_id, marked.node_id) as root_id,
        mark_roots.root_id is null as is_in_cycle,
        coalesce(mark_roots.position + stretches.steps, 0) as position
    from marked
    left join stretches
        on
            marked.organization_id = stretches.organization_id
            and marked.node_id = stretches.node_id
    left join mark_roots
        on
            stretches.organization_id = mark_roots.organization_id
            and stretches.mark_id = mark_roots.mark_id

)
{%- endmacro %}
