{% macro joined(text, position) -%}
    {{ adapter.dispatch('joined')(text, position) }}
{%- endmacro %}

{#- An ordered string_agg takes five times as long on DuckDB. -#}
{% macro duckdb__joined(text, position) -%}
    array_to_string(
        list_transform(
            list_sort(list({'position': {{ position }}, 'text': {{ text }}})),
            lambda pair: pair.text
        ),
        '; '
    )
{%- endmacro %}

{% macro bigquery__joined(text, position) -%}
    string_agg({{ text }}, '; ' order by {{ position }})
{%- endmacro %}
