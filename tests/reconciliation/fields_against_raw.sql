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
    {% for key in fields.values() %}{% do shape.update({key: 'text'}) %}{% endfor %}
    newest_{{ list }} as (

        select
            organization_id,
            id,
            {{ parse_json('payload', shape) }} as record,
            row_number() over (
                partition by organization_id, id
                order by _extracted_at desc
            ) as recency
        from {{ source('maintainx', list) }}
        where _operation = 'upsert'

    ),
{% endfor %}

pairs as (

    {% for list, (id, fields) in lists.items() %}
        {% set outer_loop = loop %}
        {% for column, key in fields.items() %}
            {% set sent = 'newest.record.' ~ adapter.quote(key) %}
            {% if column in numbers or column.endswith('_id') %}
                {% set sent = 'cast(' ~ dbt.safe_cast(sent, 'bigint') ~ ' as string)' %}
            {% endif %}
            select
                '{{ list }}' as list_name,
                '{{ column }}' as column_name,
                newest.id,
                {{ sent }} as sent,
                cast(staged.{{ column }} as string) as staged
            from newest_{{ list }} as newest
            inner join {{ ref('stg_maintainx__' ~ list) }} as staged
                on
                    newest.organization_id = staged.organization_id
                    and newest.id = staged.{{ id }}
            where newest.recency = 1
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

),

final as (

    select
        list_name,
        column_name,
        count(*) as record_count,
        max(id) as example_id
    from pairs
    where
        sent is not null
        and sent is distinct from staged
    group by list_name, column_name

)

select * from final
