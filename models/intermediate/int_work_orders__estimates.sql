with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

judged as (

    select * from {{ ref('int_work_orders__judged') }}

),

estimated as (

    select
        judged.organization_id,
        judged.work_order_id,
        judged.work_type,
        judged.is_counted,
        work_orders.estimated_time_seconds
    from judged
    inner join work_orders
        on
            judged.organization_id = work_orders.organization_id
            and judged.work_order_id = work_orders.work_order_id

),

medians_of_types as (

    select
        organization_id,
        work_type,
        {{ median('estimated_time_seconds') }} as estimated_time_seconds
    from estimated
    where is_counted
    group by organization_id, work_type

),

medians as (

    select
        organization_id,
        {{ median('estimated_time_seconds') }} as estimated_time_seconds
    from estimated
    where is_counted
    group by organization_id

),

final as (

    select
        estimated.organization_id,
        estimated.work_order_id,
        estimated.estimated_time_seconds / 3600 as estimated_hours,
        coalesce(
            estimated.estimated_time_seconds,
            medians_of_types.estimated_time_seconds,
            medians.estimated_time_seconds
        ) / 3600 as imputed_hours
    from estimated
    left join medians_of_types
        on
            estimated.organization_id = medians_of_types.organization_id
            and estimated.work_type = medians_of_types.work_type
    left join medians
        on estimated.organization_id = medians.organization_id

)

select * from final
