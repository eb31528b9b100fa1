with

runs as (

    select * from {{ source('maintainx', '_runs') }}

),

final as (

    select
        run_id,
        command,
        state,
        error,
        requests,
        started_at,
        ended_at
    from runs

)

select * from final
