{% test reference_exists(model, column_name, to, field, show=[]) %}

    {{ config(store_failures=true) }}

    with

    referring as (

        select * from {{ model }}

    )

    select
        referring.organization_id
        {%- for column in show %},
        referring.{{ column }}
        {%- endfor %}
        {%- if column_name != 'organization_id' %},
        referring.{{ column_name }}
        {%- endif %}
    from referring
    left join {{ to }} as referred
        on
            referring.organization_id = referred.organization_id
            and referring.{{ column_name }} = referred.{{ field }}
    where
        referring.{{ column_name }} is not null
        and referred.{{ field }} is null

{% endtest %}
