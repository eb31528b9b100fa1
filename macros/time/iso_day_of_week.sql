{% macro iso_day_of_week(day) -%}
    {{ adapter.dispatch('iso_day_of_week')(day) }}
{%- endmacro %}

{% macro duckdb__iso_day_of_week(day) -%}
    isodow({{ day }})
{%- endmacro %}

{% macro bigquery__iso_day_of_week(day) -%}
    (mod(extract(dayofweek from {{ day }}) + 5, 7) + 1)
{%- endmacro %}
