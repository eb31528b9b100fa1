{#- A relation, without the rows of keys whose rows stay as they are. -#}
{% macro touched(relation, id='work_order_id') -%}
    {#- is_incremental() alone would ask BigQuery for a table. -#}
    {%- if config.get('materialized') == 'incremental' and is_incremental() -%}
        (
            select *
            from {{ relation }}
            where (organization_id, {{ id }}) in (
                select (organization_id, work_order_id) from {{ model.name }}__touched
            )
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
