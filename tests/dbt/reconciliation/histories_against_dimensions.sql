{%- set histories = {'assets': 'asset_id', 'parts': 'part_id', 'users': 'user_id'} -%}
{%- set copies = {} -%}
{%- for dimension in histories -%}
    {%- set columns = copied_columns('dim_' ~ dimension ~ '_history', 'dim_' ~ dimension) -%}
    {%- do copies.update({'dim_' ~ dimension ~ '_history': columns}) -%}
{%- endfor -%}

with

{% for dimension, id in histories.items() %}
    {% set history = 'dim_' ~ dimension ~ '_history' %}
    compared_{{ history }} as (

        select
            {% for name, column in copies[history].items() %}
                {% set expected, found = 'dimensions.' ~ column.original, 'histories.' ~ name %}
                {{ json_text(expected) if column.json else expected }} as {{ name }}_expected,
                {{ json_text(found) if column.json else found }} as {{ name }}_found,
            {% endfor %}
            dimensions.{{ id }} as id
        from {{ ref('dim_' ~ dimension) }} as dimensions
        inner join {{ ref(history) }} as histories
            on
                dimensions.organization_id = histories.organization_id
                and dimensions.{{ id }} = histories.{{ id }}
                and histories.is_current

    ),
{% endfor %}

compared as (

    {{ column_differences('history', copies) }}

),

final as (

    select * from compared
    where differing_count > 0

)

select * from final
