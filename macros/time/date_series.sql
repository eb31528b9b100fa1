{% macro date_series(first_day, last_day, alias) -%}
    {{ adapter.dispatch('date_series')(first_day, last_day, alias) }}
{%- endmacro %}

{% macro duckdb__date_series(first_day, last_day, alias) -%}
    unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as {{ alias }}_list({{ alias }})
{%- endmacro %}

{% macro bigquery__date_series(first_day, last_day, alias) -%}
    unnest(generate_date_array(cast({{ first_day }} as date), cast({{ last_day }} as date))) as {{ alias }}
{%- endmacro %}
