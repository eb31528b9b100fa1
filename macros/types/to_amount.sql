{% macro to_amount(expression) -%}
    {{ adapter.dispatch('to_amount')(expression) }}
{%- endmacro %}

{% macro duckdb__to_amount(expression) -%}
    try_cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{% macro bigquery__to_amount(expression) -%}
    case
        when abs(safe_cast({{ expression }} as numeric)) < 9999999999999999.995
            then round(safe_cast({{ expression }} as numeric), 2)
    end
{%- endmacro %}
