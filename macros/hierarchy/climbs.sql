{#- The limit keeps the climbs of a long cycle from growing with its square; BigQuery stops a
    recursion after 500 rounds. -#}
{% macro climbs(starts, nodes, link) -%}
climbs as (

    select
        organization_id,
        node_id,
        node_id as passed_id,
        {{ link }} as next_id,
        1 as step
    from {{ starts }}

    union all

    select
        climbs.organization_id,
        climbs.node_id,
        {{ nodes }}.node_id as passed_id,
        {{ nodes }}.{{ link }} as next_id,
        climbs.step + 1 as step
    from climbs
    inner join {{ nodes }}
        on
            climbs.organization_id = {{ nodes }}.organization_id
            and climbs.next_id = {{ nodes }}.node_id
    where climbs.next_id != climbs.node_id and climbs.step < 100

)
{%- endmacro %}
