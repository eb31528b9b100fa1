{% macro user_shape() %}
    {{ return({
        'firstName': 'text',
        'lastName': 'text',
        'email': 'text',
        'phoneNumber': 'text',
        'authType': 'text',
        'role': 'text',
        'hourlyRate': 'integer',
        'lastVisitedAt': 'text',
        'extraFields': 'json',
    }) }}
{% endmacro %}

{% macro user_columns() -%}
        record.firstName as first_name,
        record.lastName as last_name,
        record.email,
        record.phoneNumber as phone_number,
        record.authType as auth_type,
        record.role,
        record.hourlyRate as hourly_rate_cents,
        {{ to_utc_timestamp('record.lastVisitedAt') }} as last_visited_at,
        {{ json_object('record.extraFields') }} as extra_fields
{%- endmacro %}
