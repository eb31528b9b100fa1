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
        safe_cast(round(safe_cast(json_value({{ expression }}, '{{ path }}') as numeric)) as int64)
    {%- elif shape == 'number' -%}
        round(safe_cast(json_value({{ expression }}, '{{ path }}') as numeric), 8)
    {%- elif shape == 'boolean' -%}
        safe_cast(json_value({{ expression }}, '{{ path }}') as bool)
    {%- else -%}
        json_query({{ expression }}, '{{ path }}')
    {%- endif -%}
{%- endmacro %}
