{% macro asset_shape() %}
    {{ return({
        'parentId': 'integer',
        'criticalityId': 'integer',
        'locationId': 'integer',
        'creatorId': 'integer',
        'name': 'text',
        'description': 'text',
        'serialNumber': 'text',
        'barcode': 'text',
        'manufacturer': 'text',
        'model': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
        'status': 'json',
        'depreciation': 'json',
        'assetTypes': 'json',
        'teamIds': 'json',
        'vendorIds': 'json',
        'extraFields': 'json',
    }) }}
{% endmacro %}

{% macro asset_columns() -%}
        record.parentId as parent_asset_id,
        record.criticalityId as criticality_id,
        record.locationId as location_id,
        record.creatorId as creator_id,
        record.name,
        record.description,
        record.serialNumber as serial_number,
        record.barcode,
        record.manufacturer,
        record.model,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ json_object('record.status') }} as status,
        {{ json_object('record.depreciation') }} as depreciation,
        {{ json_list('record.assetTypes') }} as asset_types,
        {{ json_list('record.teamIds') }} as team_ids,
        {{ json_list('record.vendorIds') }} as vendor_ids,
        {{ json_object('record.extraFields') }} as extra_fields
{%- endmacro %}
