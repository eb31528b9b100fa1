{% macro bigquery__to_amount(expression) -%}
    case
        when abs(safe_cast({{ expression }} as numeric)) < 9999999999999999.995
            then round(safe_cast({{ expression }} as numeric), 2)
    end
{%- endmacro %}
