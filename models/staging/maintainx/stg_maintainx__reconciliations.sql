with

reconciliations as (

    select * from {{ source('maintainx', '_reconciliations') }}

),

final as (

    select
        run_id,
        organization_id,
        resource,
        state,
        records_read,
        watermark,
        started_at,
        ended_at
    from reconciliations

)

select * from final
