{% test not_blank(model, column_name, show) %}

    {{ config(store_failures=true) }}

    select
        organization_id,
        {{ show | join(', ') }}
    from {{ model }}
    where coalesce({{ trimmed(column_name) }}, '') = ''

{% endtest %}
