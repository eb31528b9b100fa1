{% macro minutes_of_day(text) -%}
    60 * cast(substr({{ text }}, 1, 2) as bigint) + cast(substr({{ text }}, 4, 2) as bigint)
{%- endmacro %}
