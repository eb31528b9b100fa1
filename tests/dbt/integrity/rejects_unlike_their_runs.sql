with

kept as (

    select
        runs.run_id,
        runs.organization_id,
        runs.resource,
        runs.walk,
        runs.started_at,
        count(rejects.content_hash) as kept
    from {{ ref('stg_maintainx__run_resources') }} as runs
    left join {{ ref('stg_maintainx__rejects') }} as rejects
        on
            runs.organization_id = rejects.organization_id
            and runs.resource = rejects.resource
            and runs.ended_at >= rejects.extracted_at
    where runs.state in ('done', 'refused')
    group by runs.run_id, runs.organization_id, runs.resource, runs.walk, runs.started_at

),

final as (

    select
        runs.run_id,
        runs.organization_id,
        runs.resource,
        runs.walk,
        runs.rejected,
        kept.kept
    from {{ ref('stg_maintainx__run_resources') }} as runs
    inner join kept
        on
            runs.run_id = kept.run_id
            and runs.organization_id = kept.organization_id
            and runs.resource = kept.resource
            and runs.walk = kept.walk
            and runs.started_at = kept.started_at
    where runs.rejected > kept.kept

)

select * from final
