{% macro iso_day_of_week(day) -%}
    {{ adapter.dispatch('iso_day_of_week')(day) }}
{%- endmacro %}

{% macro duckdb__iso_day_of_week(day) -%}
    isodow({{ day }})
{%- endmacro %}
