with

transfers as (

    select * from {{ ref('stg_maintainx__part_transfer_requests') }}
    where not is_deleted

),

parts as (

    select * from {{ ref('dim_parts') }}

),

final as (

    select
        transfers.organization_id,
        transfers.part_transfer_request_id,
        transfers.source_organization_id,
        transfers.source_location_id,
        transfers.source_part_id,
        transfers.destination_organization_id,
        transfers.destination_part_id,
        transfers.requester_id as requester_user_id,
        transfers.transferrer_id as transferrer_user_id,
        transfers.status as source_status,
        source_parts.part_name as source_part_name,
        destination_parts.part_name as destination_part_name,
        transfers.request_message,
        transfers.response_message,
        transfers.quantity_requested,
        transfers.quantity_transferred,
        transfers.quantity_received,
        coalesce(transfers.status in ('APPROVED', 'PENDING'), false) as is_open,
        transfers.destination_locations
    from transfers
    left join parts as source_parts
        on
            transfers.source_organization_id = source_parts.organization_id
            and transfers.source_part_id = source_parts.part_id
    left join parts as destination_parts
        on
            transfers.destination_organization_id = destination_parts.organization_id
            and transfers.destination_part_id = destination_parts.part_id

)

select * from final
