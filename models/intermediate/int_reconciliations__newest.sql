with

reconciliations as (

    select * from {{ ref('stg_maintainx__reconciliations') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, resource
            order by case when state = 'done' then 1 else 2 end, started_at desc, run_id desc
        ) as recency,
        first_value(state) over (
            partition by organization_id, resource
            order by started_at desc, run_id desc
        ) as newest_state
    from reconciliations

),

final as (

    select
        organization_id,
        run_id,
        resource,
        state,
        newest_state,
        records_read,
        watermark,
        started_at,
        ended_at
    from ranked
    where recency = 1

)

select * from final
