with

run_resources as (

    select * from {{ source('maintainx', '_run_resources') }}

),

final as (

    select
        run_id,
        organization_id,
        resource,
        walk,
        state,
        error,
        requests,
        records_read,
        inserted,
        updated,
        unchanged,
        deleted,
        rejected,
        seconds as duration_seconds,
        watermark_from,
        watermark_to,
        started_at,
        ended_at
    from run_resources

)

select * from final
