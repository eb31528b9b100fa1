{#- DuckDB's `double` is called float64 there; the other types of contracts have one name. -#}
{% macro bigquery__get_assert_columns_equivalent(sql) -%}
    {%- for column in model['columns'].values() if column['data_type'] == 'double' %}
        {%- do column.update({'data_type': 'float64'}) %}
    {%- endfor %}
    {{- return(assert_columns_equivalent(sql)) }}
{%- endmacro %}
