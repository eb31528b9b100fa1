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
    pointer doubling does not work there. About every sixteenth node is a mark of level 1, every
    sixteenth of these a mark of level 2, and so on. On each level the query follows each mark to
    the next one. Chains of two million nodes have 500 marks of level 3. Nodes that no first node
    reaches are in a cycle or behind one, and are followed until a node comes to itself.
-#}
{% macro bigquery__chain_roots(links) -%}
{%- set levels = 3 -%}
hops_0 as (

    select
        organization_id,
        node_id,
        former_id,
        1 as steps
    from {{ links }}

),

{% for level in range(1, levels + 1) -%}
marked_{{ level }} as (

    select
        *,
        former_id is null
        or mod(farm_fingerprint(cast(node_id as string)), {{ 16 ** level }}) = 0
            as is_mark
    from hops_{{ level - 1 }}

),

stretches_{{ level }} as (

    select
        organization_id,
        node_id,
        node_id as mark_id,
        0 as steps
    from marked_{{ level }}
    where is_mark

    union all

    select
        marked.organization_id,
        marked.node_id,
        stretches.mark_id,
        stretches.steps + marked.steps as steps
    from stretches_{{ level }} as stretches
    inner join marked_{{ level }} as marked
        on
            stretches.organization_id = marked.organization_id
            and stretches.node_id = marked.former_id
    where not marked.is_mark

),

hops_{{ level }} as (

    select
        marked.organization_id,
        marked.node_id,
        stretches.mark_id as former_id,
        coalesce(stretches.steps + marked.steps, 0) as steps
    from marked_{{ level }} as marked
    left join stretches_{{ level }} as stretches
        on
            marked.organization_id = stretches.organization_id
            and marked.former_id = stretches.node_id
    where
        marked.is_mark
        and (marked.former_id is null or stretches.mark_id is not null)

),

{% endfor -%}
roots_{{ levels }} as (

    select
        organization_id,
        node_id,
        node_id as root_id,
        0 as position
    from hops_{{ levels }}
    where former_id is null

    union all

    select
        hops.organization_id,
        hops.node_id,
        roots.root_id,
        roots.position + hops.steps as position
    from roots_{{ levels }} as roots
    inner join hops_{{ levels }} as hops
        on
            roots.organization_id = hops.organization_id
            and roots.node_id = hops.former_id

),

{% for level in range(levels, 0, -1) -%}
roots_{{ level - 1 }} as (

    select
        stretches.organization_id,
        stretches.node_id,
        roots.root_id,
        roots.position + stretches.steps as position
    from stretches_{{ level }} as stretches
    inner join roots_{{ level }} as roots
        on
            stretches.organization_id = roots.organization_id
            and stretches.mark_id = roots.node_id

),

{% endfor -%}
circling as (

    select hops_0.*
    from hops_0
    left join roots_0
        on
            hops_0.organization_id = roots_0.organization_id
            and hops_0.node_id = roots_0.node_id
    where roots_0.node_id is null

),

{{ climbs('circling', 'circling', 'former_id') }},

nodes_of_cycles as (

    select
        organization_id,
        node_id
    from climbs
    where next_id = node_id

),

roots_of_cycles as (

    select
        climbs.organization_id,
        climbs.node_id,
        min(climbs.passed_id) as root_id
    from climbs
    inner join nodes_of_cycles
        on
            climbs.organization_id = nodes_of_cycles.organization_id
            and climbs.passed_id = nodes_of_cycles.node_id
    group by climbs.organization_id, climbs.node_id

),

chain_roots as (

    select
        organization_id,
        node_id,
        root_id,
        false as is_in_cycle,
        position
    from roots_0

    union all

    select
        circling.organization_id,
        circling.node_id,
        coalesce(roots_of_cycles.root_id, circling.node_id) as root_id,
        true as is_in_cycle,
        0 as position
    from circling
    left join roots_of_cycles
        on
            circling.organization_id = roots_of_cycles.organization_id
            and circling.node_id = roots_of_cycles.node_id

)
{%- endmacro %}
