with

vendors as (

    select * from {{ ref('stg_maintainx__vendors') }}

),

final as (

    select
        organization_id,
        vendor_id,
        name as vendor_name,
        is_deleted,
        extra_fields as custom_fields
    from vendors

)

select * from final
