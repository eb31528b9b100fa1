{#-
    Pointer doubling: each round looks twice as far back as the one before, so that seventeen of
    them see 131,072 orders. Who then still has someone before him goes in a circle, whose root is
    its lowest id.
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
