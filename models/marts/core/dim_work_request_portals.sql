with

portals as (

    select * from {{ ref('stg_maintainx__work_request_portals') }}

),

final as (

    select
        organization_id,
        work_request_portal_id,
        asset_id,
        location_id,
        title as portal_title,
        portal_url,
        welcome_text,
        description_placeholder,
        contact_information,
        coalesce(is_email_only, false) as is_email_only,
        coalesce(has_email_notification, false) as has_email_notification,
        is_deleted
    from portals

)

select * from final
