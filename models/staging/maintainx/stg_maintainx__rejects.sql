with

rejects as (

    select * from {{ source('maintainx', '_rejects') }}

),

final as (

    select
        organization_id,
        _run_id as run_id,
        resource,
        reason,
        record,
        _content_hash as content_hash,
        _extracted_at as extracted_at
    from rejects

)

select * from final
