with

plans as (

    select
        *,
        {{
            parse_json('recurrence', {
                'type': 'text',
                'interval': 'integer',
                'day': 'integer',
                'days': ['text'],
            })
        }} as rule,
        {{ parse_json('work_order_start_date_offset', {'value': 'integer', 'unit': 'text'}) }}
            as start_offset,
        {{ parse_json('planning_horizon', {'value': 'integer', 'unit': 'text'}) }} as horizon
    from {{ ref('stg_maintainx__maintenance_plans') }}

),

assets as (

    select
        plans.organization_id,
        plans.maintenance_plan_id,
        count(distinct plan_asset.assetid) as asset_count
    from {{ json_elements('plans', 'assets', {'assetId': 'integer'}, 'plan_asset') }}
    group by plans.organization_id, plans.maintenance_plan_id

),

final as (

    select
        plans.organization_id,
        plans.maintenance_plan_id,
        plans.work_order_blueprint_id,
        plans.creator_id as created_by_user_id,
        plans.name as plan_name,
        plans.trigger_type,
        plans.interval_strategy,
        plans.rule.type as recurrence_type,
        plans.horizon.unit as planning_horizon_unit,
        plans.start_offset.unit as start_offset_unit,
        plans.horizon.value as planning_horizon_value,
        plans.start_offset.value as start_offset_value,
        plans.work_order_start_date_padding_hours as start_padding_hours,
        plans.work_order_start_date_fixed_day as start_fixed_day,
        plans.rule.day as recurrence_day,
        coalesce(assets.asset_count, 0) as asset_count,
        plans.next_cycle_occurrence,
        case plans.rule.type
            when 'DAILY' then 1e0
            when 'WEEKLY'
                then
                    7e0 * coalesce(plans.rule.interval, 1)
                    / greatest(coalesce(array_length(plans.rule.days), 1), 1)
            when 'MONTHLY' then 30.4375e0 * coalesce(plans.rule.interval, 1)
            when 'YEARLY' then 365.25e0 * coalesce(plans.rule.interval, 1)
        end as interval_days,
        plans.blueprint_estimated_time_minutes / 60 as estimated_hours,
        plans.archived_at is null and not plans.is_deleted as is_active,
        plans.is_deleted,
        plans.start_at as first_due_at,
        plans.last_planned_due_at,
        plans.next_scheduled_work_order_due_at as next_due_at,
        plans.last_work_order_generated_at as last_generated_at,
        plans.next_work_order_generation_at as next_generation_at,
        plans.created_at,
        plans.updated_at,
        plans.archived_at,
        plans.assets,
        plans.intervals
    from plans
    left join assets
        on
            plans.organization_id = assets.organization_id
            and plans.maintenance_plan_id = assets.maintenance_plan_id

)

select * from final
