with

records as (

    {{ newest_records(source('maintainx', 'work_request_portals'), {
        'assetId': 'integer',
        'locationId': 'integer',
        'title': 'text',
        'portalUrl': 'text',
        'welcomeText': 'text',
        'descriptionPlaceholder': 'text',
        'contactInformation': 'text',
        'emailOnly': 'boolean',
        'sendEmailNotification': 'boolean',
    }) }}

),

final as (

    select
        organization_id,
        id as work_request_portal_id,
        record.assetId as asset_id,
        record.locationId as location_id,
        record.title,
        record.portalUrl as portal_url,
        record.welcomeText as welcome_text,
        record.descriptionPlaceholder as description_placeholder,
        record.contactInformation as contact_information,
        record.emailOnly as is_email_only,
        record.sendEmailNotification as has_email_notification,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
