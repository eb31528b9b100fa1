{%- set periods = [
    ('work_orders', 'work_order_id', 'created_at', 'completed_at'),
    ('asset_statuses', 'asset_status_id', 'started_at', 'ended_at'),
    ('root_cause_analysis_reports', 'root_cause_analysis_report_id', 'incident_started_at', 'incident_ended_at'),
] -%}

{%- set amounts = [
    ('work_orders', 'work_order_id', 'estimated_time_seconds'),
    ('parts', 'part_id', 'unit_cost_cents'),
    ('users', 'user_id', 'hourly_rate_cents'),
    ('root_cause_analysis_reports', 'root_cause_analysis_report_id', 'repair_time_seconds'),
    ('root_cause_analysis_reports', 'root_cause_analysis_report_id', 'incident_duration_seconds'),
] -%}

with

time_items as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        cast(item.durationtotal as {{ type_double() }}) as duration_seconds
    from
        {{
            json_elements(
                ref('stg_maintainx__work_orders'),
                'time_items',
                {'durationTotal': 'number'},
                'item',
                name='work_orders'
            )
        }}
    where not work_orders.is_deleted

),

final as (

    {% for list, id, first, last in periods %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ last }}' as field,
            {{ number_text(hours_between(first, last)) }} || ' hours' as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and {{ last }} < {{ first }}

        union all
    {% endfor %}

    {% for list, id, field in amounts %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            cast({{ field }} as string) as found_value
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and {{ field }} < 0

        union all
    {% endfor %}

    select
        organization_id,
        'work_orders' as list_name,
        work_order_id as record_id,
        'time_items' as field,
        {{ number_text('min(duration_seconds)') }} || ' seconds' as found_value
    from time_items
    where duration_seconds < 0
    group by organization_id, work_order_id

)

select * from final
