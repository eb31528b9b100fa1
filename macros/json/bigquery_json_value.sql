{% macro bigquery_json_value(expression, path, shape) -%}
    {%- if shape is mapping -%}
        struct(
            {%- for name, type in shape.items() %}
            {{ bigquery_json_value(expression, path ~ '.' ~ name, type) }} as {{ adapter.quote(name) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    {%- elif shape is not string -%}
        array(
            select {{ bigquery_json_value('element', '$', shape[0]) }}
            from unnest(json_query_array({{ expression }}, '{{ path }}')) as element with offset as element_offset
            order by element_offset
        )
    {%- elif shape == 'text' -%}
        coalesce(
            json_value({{ expression }}, '{{ path }}'),
            case
                when json_type(json_query({{ expression }}, '{{ path }}')) in ('object', 'array')
                    then to_json_string(json_query({{ expression }}, '{{ path }}'))
            end
        )
    {%- elif shape == 'integer' -%}
        {#- DuckDB rounds halves to the even number. -#}
        safe_cast(
            round(
                safe_cast(json_value({{ expression }}, '{{ path }}') as numeric), 0, 'ROUND_HALF_EVEN'
            ) as int64
        )
    {%- elif shape == 'number' -%}
        {%- set number = "safe_cast(json_value(" ~ expression ~ ", '" ~ path ~ "') as numeric)" %}
        {#- DuckDB's DECIMAL(28, 8) has 20 digits before the point. -#}
        case when abs({{ number }}) < numeric '{{ 10 ** 20 }}' then round({{ number }}, 8) end
    {%- elif shape == 'boolean' -%}
        safe_cast(json_value({{ expression }}, '{{ path }}') as bool)
    {%- else -%}
        json_query({{ expression }}, '{{ path }}')
    {%- endif -%}
{%- endmacro %}
