{{ config(post_hook='{{ add_custom_field_columns() }}') }}

with

work_orders as (

    select
        *,
        {{
            parse_json('work_order_summary', {
                'content': 'text',
                'summary': 'text',
                'authorId': 'integer',
            })
        }} as completion
    from {{ ref('int_work_orders__not_deleted') }}

),

judged as (

    select * from {{ ref('int_work_orders__judged') }}

),

estimates as (

    select * from {{ ref('int_work_orders__estimates') }}

),

costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

details as (

    select * from {{ ref('stg_maintainx__work_order_details') }}

),

families as (

    select * from {{ ref('int_work_orders__families') }}

),

earlier_repairs as (

    select * from {{ ref('int_work_orders__earlier_repairs') }}

),

reopenings as (

    select
        organization_id,
        work_order_id,
        count(*) as reopened_count
    from {{ ref('fct_work_order_status_changes') }}
    where is_reopening
    group by organization_id, work_order_id

),

priorities as (

    select * from {{ ref('work_order_priorities') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

assignees as (

    select
        organization_id,
        work_order_id,
        {{ joined('assignee_name', 'position') }} as assignee_names
    from {{ ref('bridge_work_order_assignees') }}
    group by organization_id, work_order_id

),

categories as (

    select
        organization_id,
        work_order_id,
        {{ joined('category_name', 'position') }} as category_names
    from {{ ref('bridge_work_order_categories') }}
    group by organization_id, work_order_id

),

vendors as (

    select
        organization_id,
        work_order_id,
        {{ joined(name_or_else('vendor_name', 'vendor_id'), 'position') }} as vendor_names
    from {{ ref('bridge_work_order_vendors') }}
    group by organization_id, work_order_id

),

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.sequential_id,
        work_orders.asset_id,
        work_orders.location_id,
        locations.site_location_id,
        work_orders.creator_id as created_by_user_id,
        work_orders.requested_by_user_id,
        work_orders.completed_by_user_id,
        work_orders.completion.authorid as completion_author_user_id,
        work_orders.previous_work_order_id,
        work_orders.next_work_order_id,
        families.parent_work_order_id,
        work_orders.title,
        work_orders.description,
        work_orders.completion.content as completion_note,
        work_orders.completion.summary as completion_summary,
        work_orders.status as source_status,
        judged.status,
        work_orders.priority as source_priority,
        coalesce(priorities.priority, 0) as priority,
        judged.work_type,
        work_orders.part_status,
        work_orders.parts_availability,
        assets.asset_name,
        locations.location_name,
        coalesce(locations.location_path, '') as location_path,
        locations.site_name,
        locations.site_label,
        judged.time_zone,
        coalesce(assignees.assignee_names, '') as assignee_names,
        coalesce(categories.category_names, '') as category_names,
        coalesce(vendors.vendor_names, '') as vendor_names,
        requesters.full_name as requested_by_name,
        completers.full_name as completed_by_name,
        {{ list_url("'work_orders'", 'work_orders.work_order_id') }} as work_order_url,
        judged.duration_hours,
        judged.cycle_hours,
        estimates.estimated_hours,
        estimates.imputed_hours,
        judged.interval_days,
        judged.age_days,
        judged.overdue_days,
        coalesce(costs.logged_hours, 0) as logged_hours,
        coalesce(costs.labour_cost, 0) as labour_cost,
        coalesce(costs.parts_cost, 0) as parts_cost,
        coalesce(costs.other_cost, 0) as other_cost,
        coalesce(costs.total_cost, 0) as total_cost,
        coalesce(families.logged_hours_with_sub_work_orders, 0)
            as logged_hours_with_sub_work_orders,
        coalesce(families.total_cost_with_sub_work_orders, 0) as total_cost_with_sub_work_orders,
        organizations.currency,
        coalesce(reopenings.reopened_count, 0) as reopened_count,
        coalesce(families.sub_work_order_count, 0) as sub_work_order_count,
        work_orders.is_parent,
        judged.is_counted,
        {{ counts_in_due_date_ratios('judged') }}
            as counts_by_due_date,
        judged.is_done,
        judged.is_open,
        judged.is_canceled,
        judged.is_skipped,
        judged.is_on_hold,
        judged.is_upcoming,
        judged.is_overdue,
        judged.is_done_by_due,
        coalesce(work_orders.is_due_full_day, false) as is_due_full_day,
        judged.has_valid_completion,
        coalesce(
            {{ hours_between('earlier_repairs.earlier_completed_at', 'work_orders.created_at') }}
            <= 24 * {{ var('repeat_failure_days') }},
            false
        ) as is_repeat_failure,
        judged.created_on,
        judged.started_on,
        judged.due_on,
        judged.completed_on,
        work_orders.created_at,
        work_orders.updated_at,
        work_orders.start_at,
        work_orders.due_at,
        judged.deadline_at,
        work_orders.completed_at,
        work_orders.last_message_sent_at as last_comment_at,
        work_orders.extra_fields as custom_fields,
        details.external_data
    from work_orders
    inner join judged
        on
            work_orders.organization_id = judged.organization_id
            and work_orders.work_order_id = judged.work_order_id
    inner join estimates
        on
            work_orders.organization_id = estimates.organization_id
            and work_orders.work_order_id = estimates.work_order_id
    left join costs
        on
            work_orders.organization_id = costs.organization_id
            and work_orders.work_order_id = costs.work_order_id
    left join details
        on
            work_orders.organization_id = details.organization_id
            and work_orders.work_order_id = details.work_order_id
    left join families
        on
            work_orders.organization_id = families.organization_id
            and work_orders.work_order_id = families.work_order_id
    left join earlier_repairs
        on
            work_orders.organization_id = earlier_repairs.organization_id
            and work_orders.work_order_id = earlier_repairs.work_order_id
    left join reopenings
        on
            work_orders.organization_id = reopenings.organization_id
            and work_orders.work_order_id = reopenings.work_order_id
    left join priorities
        on work_orders.priority = priorities.source_priority
    left join organizations
        on work_orders.organization_id = organizations.organization_id
    left join locations
        on
            work_orders.organization_id = locations.organization_id
            and work_orders.location_id = locations.location_id
    left join assets
        on
            work_orders.organization_id = assets.organization_id
            and work_orders.asset_id = assets.asset_id
    left join users as requesters
        on
            work_orders.organization_id = requesters.organization_id
            and work_orders.requested_by_user_id = requesters.user_id
    left join users as completers
        on
            work_orders.organization_id = completers.organization_id
            and work_orders.completed_by_user_id = completers.user_id
    left join assignees
        on
            work_orders.organization_id = assignees.organization_id
            and work_orders.work_order_id = assignees.work_order_id
    left join categories
        on
            work_orders.organization_id = categories.organization_id
            and work_orders.work_order_id = categories.work_order_id
    left join vendors
        on
            work_orders.organization_id = vendors.organization_id
            and work_orders.work_order_id = vendors.work_order_id

)

select * from final
