{#- BigQuery calls DuckDB's `double` float64. All other types in contracts have the same name. -#}
{% macro bigquery__get_assert_columns_equivalent(sql) -%}
    {%- for column in model['columns'].values() if column['data_type'] == 'double' %}
        {%- do column.update({'data_type': 'float64'}) %}
    {%- endfor %}
    {{- return(assert_columns_equivalent(sql)) }}
{%- endmacro %}
