with

records as (

    {{ newest_records(source('maintainx', 'part_transfer_requests'), {
        'sourcePartId': 'integer',
        'destinationPartId': 'integer',
        'sourceOrganizationId': 'integer',
        'destinationOrganizationId': 'integer',
        'sourceLocationId': 'integer',
        'requesterId': 'integer',
        'transferrerId': 'integer',
        'requestMessage': 'text',
        'responseMessage': 'text',
        'status': 'text',
        'quantityRequested': 'integer',
        'quantityTransferred': 'integer',
        'quantityReceived': 'integer',
        'destinationLocations': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as part_transfer_request_id,
        record.sourcePartId as source_part_id,
        record.destinationPartId as destination_part_id,
        record.sourceOrganizationId as source_organization_id,
        record.destinationOrganizationId as destination_organization_id,
        record.sourceLocationId as source_location_id,
        record.requesterId as requester_id,
        record.transferrerId as transferrer_id,
        record.requestMessage as request_message,
        record.responseMessage as response_message,
        record.status,
        record.quantityRequested as quantity_requested,
        record.quantityTransferred as quantity_transferred,
        record.quantityReceived as quantity_received,
        {{ json_list('record.destinationLocations') }} as destination_locations,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
