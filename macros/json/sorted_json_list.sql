{% macro sorted_json_list(expression) -%}
    {{ adapter.dispatch('sorted_json_list')(expression) }}
{%- endmacro %}

{% macro duckdb__sorted_json_list(expression) -%}
    cast(to_json(list_sort(from_json({{ expression }}, '["JSON"]'))) as string)
{%- endmacro %}

{% macro bigquery__sorted_json_list(expression) -%}
    case
        when json_type({{ expression }}) = 'array'
            then
                '['
                || (
                    select
                        coalesce(
                            string_agg(to_json_string(element), ',' order by to_json_string(element)), ''
                        )
                    from unnest(json_query_array({{ expression }})) as element
                )
                || ']'
    end
{%- endmacro %}
