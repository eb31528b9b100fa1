{% macro bigquery__json_entries(expression, alias) -%}
    unnest(
        array(
            select
                struct(
                    name as key,
                    {{ bigquery_json_value(expression ~ '[name]', '$', 'text') }} as value
                )
            from unnest({{ bigquery_json_keys(expression) }}) as name with offset as name_offset
            order by name_offset
        )
    ) as {{ alias }} with offset as position
{%- endmacro %}
