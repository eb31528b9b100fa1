{#- The stamps that a model was last built from, in a table that is written with the model. -#}
{% macro stamps_of(relation) %}
    {{ return(api.Relation.create(
        database=relation.database, schema='incremental', identifier=relation.identifier, type='table'
    )) }}
{% endmacro %}

{% macro stamps_of_log(relation) -%}
    select
        organization_id,
        id as work_order_id,
        hash(payload, source_updated_at, _operation, _extracted_at, _run_id) as stamp
    from {{ relation }}
{%- endmacro %}

{% macro stamps_of_models(relations) -%}
    {%- for relation in relations %}
    {%- if execute and not is_of_part() and kept_build(relation) is none %}
        {%- do exceptions.raise_compiler_error(
            relation.identifier ~ ' has no stamps of its rows: run `dbt build --select +' ~ model.name ~ '`'
        ) %}
    {%- endif %}
    select
        organization_id,
        work_order_id,
        hash('{{ relation.identifier }}', stamp) as stamp
    from {{ stamps_of(relation) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Rows of a model, with the columns that the stamp is made from. -#}
{% macro stamps_of_rows(relation, columns) -%}
    select
        organization_id,
        work_order_id,
        hash('{{ relation.identifier }}', {{ columns | join(', ') }}) as stamp
    from {{ relation }}
{%- endmacro %}
