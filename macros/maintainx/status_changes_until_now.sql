{% macro status_changes_until_now(work_orders) -%}
status_changes_until_now as (

    select
        status_changes.organization_id,
        status_changes.work_order_id,
        status_changes.change_number,
        status_changes.to_source_status as source_status,
        status_changes.to_status as status,
        coalesce(statuses.is_open, true) as is_open,
        {{ local_date('status_changes.changed_at', work_orders ~ '.time_zone') }} as changed_on
    from {{ ref('fct_work_order_status_changes') }} as status_changes
    inner join {{ work_orders }}
        on
            status_changes.organization_id = {{ work_orders }}.organization_id
            and status_changes.work_order_id = {{ work_orders }}.work_order_id
    left join {{ ref('work_order_statuses') }} as statuses
        on status_changes.to_source_status = statuses.source_status
    where status_changes.changed_at <= {{ as_of() }}

)
{%- endmacro %}
