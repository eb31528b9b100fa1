{% macro json_entries(relation, expression, alias) -%}
    {{ list_elements(relation, json_entry_list(expression), alias) }}
{%- endmacro %}

{% macro json_entry_list(expression) -%}
    {{ adapter.dispatch('json_entry_list')(expression) }}
{%- endmacro %}

{# A map refuses duplicate keys. Here the first one counts, as in parse_json. #}
{% macro duckdb__json_entry_list(expression) -%}
    list_transform(
        list_filter(
            list_zip(
                json_keys({{ expression }}),
                {{ expression }} ->> '$.*',
                range(1, cast(len(json_keys({{ expression }})) as bigint) + 1)
            ),
            lambda pair: list_position(json_keys({{ expression }}), pair[1]) = pair[3]
        ),
        lambda pair: {'key': pair[1], 'value': pair[2]}
    )
{%- endmacro %}

{% macro bigquery__json_entry_list(expression) -%}
    array(
        select
            struct(
                name as key,
                {{ bigquery_json_value(expression ~ '[name]', '$', 'text') }} as value
            )
        from unnest({{ bigquery_json_keys(expression) }}) as name with offset as name_offset
        order by name_offset
    )
{%- endmacro %}
