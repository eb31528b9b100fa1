{% test not_blank(model, column_name, show) %}

    select
        organization_id,
        {{ show | join(', ') }}
    from {{ model }}
    where coalesce(trim({{ column_name }}), '') = ''

{% endtest %}
