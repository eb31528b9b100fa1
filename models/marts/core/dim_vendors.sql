with

vendors as (

    select * from {{ ref('stg_maintainx__vendors') }}

),

details as (

    select * from {{ ref('stg_maintainx__vendor_details') }}

),

final as (

    select
        vendors.organization_id,
        vendors.vendor_id,
        vendors.name as vendor_name,
        details.description,
        vendors.is_deleted,
        details.emails,
        details.phone_numbers,
        vendors.extra_fields as custom_fields
    from vendors
    left join details
        on
            vendors.organization_id = details.organization_id
            and vendors.vendor_id = details.vendor_id

)

select * from final
