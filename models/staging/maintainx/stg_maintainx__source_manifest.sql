with

records as (

    select * from {{ source('maintainx', '_source_manifest') }}

),

final as (

    select
        organization_id,
        id as record_id,
        run_id,
        resource,
        payload,
        source_updated_at,
        read_at
    from records

)

select * from final
