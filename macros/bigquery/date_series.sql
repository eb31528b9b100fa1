{% macro bigquery__date_series(first_day, last_day, alias) -%}
    unnest(generate_date_array(cast({{ first_day }} as date), cast({{ last_day }} as date))) as {{ alias }}
{%- endmacro %}
