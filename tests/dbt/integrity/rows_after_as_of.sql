{#- Rows lie where these say. Workloads are of weeks to come, and so are due dates and calendars. -#}
{%- set days = {
    'fct_asset_days': ('day_on', 'date'),
    'fct_asset_status_intervals': ('started_at', 'timestamp'),
    'fct_failures': ('started_at', 'timestamp'),
    'fct_work_order_days': ('from_on', 'date'),
    'fct_work_order_sla': ('created_at', 'timestamp'),
    'fct_work_orders': ('created_at', 'timestamp'),
    'fct_work_requests': ('created_at', 'timestamp'),
    'mart_asset_reliability_monthly': ('month_start_on', 'date'),
    'mart_backlog_weekly': ('week_start_on', 'date'),
    'mart_bad_actors': ('to_on', 'date'),
    'mart_maintenance_cost_monthly': ('month_start_on', 'date'),
    'mart_on_time_monthly': ('month_start_on', 'date'),
    'mart_overdue_work_orders': ('due_on', 'date'),
    'mart_pm_compliance_monthly': ('month_start_on', 'date'),
    'mart_request_funnel_monthly': ('month_start_on', 'date'),
    'mart_work_mix_monthly': ('month_start_on', 'date'),
} -%}

with

as_of as (

    select {{ as_of() }} as as_of_at

),

{# The last zone to begin a day is 14 hours ahead of UTC. #}
ends as (

    select
        as_of_at,
        cast({{ add_time('hour', 14, 'as_of_at') }} as date) as last_on
    from as_of

),

final as (

    {% for mart, (column, type) in days.items() %}
        select
            '{{ mart }}' as mart,
            cast({{ column }} as string) as lies_at
        from {{ ref(mart) }}
        cross join ends
        where {{ column }} > {{ 'ends.last_on' if type == 'date' else 'ends.as_of_at' }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
