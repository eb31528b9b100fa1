{#- BigQuery calls DuckDB's `double` float64. All other types in contracts have the same name. -#}
{% macro bigquery__get_assert_columns_equivalent(sql) -%}
    {%- for column in model['columns'].values() if column['data_type'] == 'double' %}
        {%- do column.update({'data_type': 'float64'}) %}
    {%- endfor %}
    {{- return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{#- One query that asks for the columns of the model. dbt's own macro, which also asks the engine for the
    types of the contract, finds the words for an error. dbt 1 calls the type `string` TEXT. -#}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {%- set found = [] -%}
    {%- for column in get_column_schema_from_query(sql, config.get('sql_header')) -%}
        {%- do found.append(column.name ~ ' ' ~ column.dtype | lower) -%}
    {%- endfor -%}
    {%- set declared = [] -%}
    {%- for column in model['columns'].values() -%}
        {%- set type = column['data_type'] | lower | replace(' ', '') -%}
        {%- do declared.append(column['name'] ~ ' ' ~ {'string': 'varchar', 'text': 'varchar'}.get(type, type)) -%}
    {%- endfor -%}
    {%- if found | sort != declared | sort -%}
        {{- return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
{%- endmacro %}
