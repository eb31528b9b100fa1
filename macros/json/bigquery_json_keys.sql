{#- JSON_KEYS returns a key that contains a dot, a quote or a backslash as a JSON string. -#}
{% macro bigquery_json_keys(expression) -%}
    array(
        select
            case
                when starts_with(written_key, '"') then json_value(safe.parse_json(written_key), '$')
                else written_key
            end
        from unnest(json_keys({{ expression }}, 1)) as written_key
    )
{%- endmacro %}
