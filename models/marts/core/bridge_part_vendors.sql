{% set shape = {'vendorId': 'integer', 'partNumber': 'text'} %}

with

parts as (

    select * from {{ ref('stg_maintainx__parts') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

sent as (

    select
        parts.organization_id,
        parts.part_id,
        {{ element_number() }} as list_position,
        vendor.vendorid as vendor_id,
        vendor.partnumber as part_number
    from {{ json_elements('parts', 'vendors', shape, 'vendor') }}
    where vendor.vendorid is not null

),

final as (

    select
        sent.organization_id,
        sent.part_id,
        row_number() over (
            partition by sent.organization_id, sent.part_id
            order by sent.list_position
        ) as position,
        sent.vendor_id,
        vendors.vendor_name,
        nullif(trim(sent.part_number), '') as part_number
    from sent
    left join vendors
        on
            sent.organization_id = vendors.organization_id
            and sent.vendor_id = vendors.vendor_id

)

select * from final
