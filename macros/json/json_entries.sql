{% macro json_entries(expression, alias) -%}
    {{ adapter.dispatch('json_entries')(expression, alias) }}
{%- endmacro %}

{# A map refuses duplicate keys. Here the first one counts, as in parse_json. #}
{% macro duckdb__json_entries(expression, alias) -%}
    unnest(
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
    )
    with ordinality as {{ alias }}_list({{ alias }}, position)
{%- endmacro %}

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
