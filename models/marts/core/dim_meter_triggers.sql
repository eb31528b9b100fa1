with

meter_triggers as (

    select * from {{ ref('stg_maintainx__meter_triggers') }}

),

final as (

    select
        organization_id,
        meter_trigger_id,
        meter_id,
        name as trigger_name,
        is_deleted
    from meter_triggers

)

select * from final
