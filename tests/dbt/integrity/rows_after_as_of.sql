{#-
    Each mart with a date or a time is in one of the two lists.
    `days`: the column that says when a row happened. The other times of a row may lie later: due and
    start dates lie ahead; completion and change of a record are those that it has now.
    `others`: dimensions, histories and files hold what was extracted, whatever the as-of time, because
    facts refer to it; calendars, plans, chains and workloads lie ahead; results of builds are those of
    other as-of times too.
-#}
{%- set days = {
    'fct_asset_days': ('day_on', 'date'),
    'fct_asset_status_intervals': ('started_at', 'timestamp'),
    'fct_asset_statuses': ('created_at', 'timestamp'),
    'fct_failures': ('started_at', 'timestamp'),
    'fct_meter_readings': ('read_at', 'timestamp'),
    'fct_part_stock_days': ('from_on', 'date'),
    'fct_purchase_orders': ('created_at', 'timestamp'),
    'fct_root_cause_analyses': ('created_at', 'timestamp'),
    'fct_work_order_comments': ('created_at', 'timestamp'),
    'fct_work_order_days': ('from_on', 'date'),
    'fct_work_order_deletions': ('deleted_at', 'timestamp'),
    'fct_work_order_field_changes': ('changed_at', 'timestamp'),
    'fct_work_order_sla': ('created_at', 'timestamp'),
    'fct_work_order_status_changes': ('changed_at', 'timestamp'),
    'fct_work_orders': ('created_at', 'timestamp'),
    'fct_work_requests': ('created_at', 'timestamp'),
    'mart_asset_reliability_monthly': ('month_start_on', 'date'),
    'mart_backlog_weekly': ('week_start_on', 'date'),
    'mart_bad_actors': ('to_on', 'date'),
    'mart_cost_vs_replacement': ('as_of_on', 'date'),
    'mart_downtime_reasons': ('to_on', 'date'),
    'mart_labour_utilization_weekly': ('week_start_on', 'date'),
    'mart_maintenance_cost_monthly': ('month_start_on', 'date'),
    'mart_on_time_monthly': ('month_start_on', 'date'),
    'mart_overdue_work_orders': ('due_on', 'date'),
    'mart_part_delivery': ('to_on', 'date'),
    'mart_parts_health': ('as_of_on', 'date'),
    'mart_pm_compliance_monthly': ('month_start_on', 'date'),
    'mart_request_funnel_monthly': ('month_start_on', 'date'),
    'mart_schedule_compliance_weekly': ('week_start_on', 'date'),
    'mart_vendor_delivery': ('to_on', 'date'),
    'mart_work_mix_monthly': ('month_start_on', 'date'),
} -%}
{%- set others = [
    'dim_asset_custom_statuses',
    'dim_assets',
    'dim_assets_history',
    'dim_dates',
    'dim_locations',
    'dim_maintenance_plans',
    'dim_meter_triggers',
    'dim_meters',
    'dim_organizations',
    'dim_parts',
    'dim_parts_history',
    'dim_pm_chains',
    'dim_users',
    'dim_users_history',
    'fct_attachments',
    'mart_data_quality_daily',
    'mart_shift_board',
    'mart_workload_of_people_weekly',
    'mart_workload_weekly',
] -%}
{%- for mart, column in mart_columns('.', ['date', 'timestamp'])
    if mart not in days and mart not in others -%}
    {%- do exceptions.raise_compiler_error(mart ~ ' is missing in rows_after_as_of') -%}
{%- endfor -%}

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
