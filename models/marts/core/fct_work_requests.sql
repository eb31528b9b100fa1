with

work_requests as (

    select
        *,
        {{ parse_json('creator_contact_info', {'type': 'text', 'value': 'text'}) }} as contact
    from {{ ref('stg_maintainx__work_requests') }}

),

priorities as (

    select * from {{ ref('work_order_priorities') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

final as (

    select
        work_requests.organization_id,
        work_requests.work_request_id,
        work_requests.work_order_id,
        work_requests.asset_id,
        work_requests.location_id,
        locations.site_location_id,
        work_requests.approver_team_id,
        work_requests.title,
        work_requests.description,
        work_requests.request_status as source_status,
        work_requests.priority as source_priority,
        assets.asset_name,
        locations.location_name,
        coalesce(locations.location_path, '') as location_path,
        locations.site_name,
        locations.site_label,
        work_requests.contact.type as contact_type,
        work_requests.contact.value as contact,
        coalesce(priorities.priority, 0) as priority,
        coalesce(work_requests.request_status in ('APPROVED', 'REJECTED', 'DONE'), false)
            as is_decided,
        work_requests.work_order_id is not null as has_work_order,
        coalesce(work_requests.has_email_notification, false) as has_email_notification,
        {{
            local_date(
                'work_requests.created_at',
                "coalesce(locations.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as created_on,
        work_requests.created_at,
        work_requests.updated_at,
        work_requests.extra_fields as custom_fields
    from work_requests
    left join priorities
        on work_requests.priority = priorities.source_priority
    left join organizations
        on work_requests.organization_id = organizations.organization_id
    left join assets
        on
            work_requests.organization_id = assets.organization_id
            and work_requests.asset_id = assets.asset_id
    left join locations
        on
            work_requests.organization_id = locations.organization_id
            and work_requests.location_id = locations.location_id
    where
        not work_requests.is_deleted
        and coalesce(work_requests.created_at <= {{ as_of() }}, true)

)

select * from final
