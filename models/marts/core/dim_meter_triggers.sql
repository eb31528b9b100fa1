with

meter_triggers as (

    select * from {{ ref('stg_maintainx__meter_triggers') }}

),

details as (

    select
        *,
        {{ parse_json('data_points', {'numerator': 'integer', 'denominator': 'integer'}) }}
            as points
    from {{ ref('stg_maintainx__meter_trigger_details') }}

),

final as (

    select
        meter_triggers.organization_id,
        meter_triggers.meter_trigger_id,
        meter_triggers.meter_id,
        details.creator_id as created_by_user_id,
        details.work_order_template_id,
        meter_triggers.name as trigger_name,
        details.description,
        details.trigger_condition,
        details.trigger_state,
        details.amount,
        details.next_trigger_value,
        details.period_seconds,
        details.points.numerator as points_needed,
        details.points.denominator as points_checked,
        meter_triggers.is_deleted,
        details.active_from_at,
        details.created_at,
        details.updated_at
    from meter_triggers
    left join details
        on
            meter_triggers.organization_id = details.organization_id
            and meter_triggers.meter_trigger_id = details.meter_trigger_id

)

select * from final
