{%- set lists = {
    'work_orders': ('work_order_id', {
        'sequential_id': 'sequentialId',
        'previous_work_order_id': 'previousId',
        'next_work_order_id': 'nextId',
        'location_id': 'locationId',
        'creator_id': 'creatorId',
        'completed_by_user_id': 'completerId',
        'requested_by_user_id': 'requesterId',
        'estimated_time_seconds': 'estimatedTime',
        'title': 'title',
        'description': 'description',
        'status': 'status',
        'priority': 'priority',
        'work_type': 'type',
    }),
    'assets': ('asset_id', {
        'parent_asset_id': 'parentId',
        'location_id': 'locationId',
        'criticality_id': 'criticalityId',
        'name': 'name',
        'serial_number': 'serialNumber',
    }),
    'asset_statuses': ('asset_status_id', {
        'asset_id': 'assetId',
        'status': 'status',
        'downtime_type': 'downtimeType',
    }),
    'locations': ('location_id', {
        'parent_location_id': 'parentId',
        'name': 'name',
        'address': 'address',
    }),
    'users': ('user_id', {
        'first_name': 'firstName',
        'last_name': 'lastName',
        'email': 'email',
        'role': 'role',
        'hourly_rate_cents': 'hourlyRate',
    }),
    'parts': ('part_id', {
        'location_id': 'locationId',
        'name': 'name',
        'unit_cost_cents': 'unitCost',
        'available_quantity': 'availableQuantity',
        'minimum_quantity': 'minimumQuantity',
    }),
    'purchase_orders': ('purchase_order_id', {
        'vendor_id': 'vendorId',
        'title': 'title',
        'status': 'status',
    }),
    'work_requests': ('work_request_id', {
        'asset_id': 'assetId',
        'location_id': 'locationId',
        'work_order_id': 'workOrderId',
        'title': 'title',
        'priority': 'priority',
        'request_status': 'requestStatus',
    }),
} -%}
{%- set numbers = [
    'sequential_id', 'estimated_time_seconds', 'hourly_rate_cents', 'unit_cost_cents',
    'available_quantity', 'minimum_quantity',
] -%}

with

{% for list, (id, fields) in lists.items() %}
    {% set shape = {} %}
    {% set differing = {} %}
    {% for column, key in fields.items() %}
        {% do shape.update({key: 'text'}) %}
        {% set value = 'sent.record.' ~ adapter.quote(key) %}
        {% if column in numbers or column.endswith('_id') %}
            {% set value = 'cast(' ~ dbt.safe_cast(value, 'bigint') ~ ' as string)' %}
        {% endif %}
        {% do differing.update({column: 'case when ' ~ value ~ ' is not null and ' ~ value
            ~ ' is distinct from cast(staged.' ~ column ~ ' as string) then sent.id end'}) %}
    {% endfor %}
    newest_{{ list }} as (

        {{ newest_payloads(source('maintainx', list)) }}

    ),

    sent_{{ list }} as (

        select
            organization_id,
            id,
            {{ parse_json('payload', shape) }} as record
        from newest_{{ list }}

    ),

    {# All fields of a list are compared in one pass over the list. #}
    differing_{{ list }} as (

        select
        {% for column, id_where_differing in differing.items() %}
                count({{ id_where_differing }}) as {{ column }}_count,
                max({{ id_where_differing }}) as {{ column }}_example
                {{- ',' if not loop.last }}
        {% endfor %}
        from sent_{{ list }} as sent
        inner join {{ ref('stg_maintainx__' ~ list) }} as staged
            on
                sent.organization_id = staged.organization_id
                and sent.id = staged.{{ id }}

    ),
{% endfor %}

fields as (

    {% for list, (id, fields) in lists.items() %}
        {% set outer_loop = loop %}
        {% for column in fields %}
            select
                '{{ list }}' as list_name,
                '{{ column }}' as column_name,
                {{ column }}_count as record_count,
                {{ column }}_example as example_id
            from differing_{{ list }}
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

),

final as (

    select * from fields
    where record_count > 0

)

select * from final
