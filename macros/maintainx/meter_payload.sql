{% macro meter_shape() %}
    {{ return({
        'asset': {'id': 'integer'},
        'location': {'id': 'integer'},
        'name': 'text',
        'unit': 'text',
        'measurementType': 'text',
        'lastReading': 'json',
    }) }}
{% endmacro %}

{% macro meter_columns() -%}
        record.asset.id as asset_id,
        record.location.id as location_id,
        record.name,
        record.unit,
        record.measurementType as measurement_type,
        {{ json_object('record.lastReading') }} as last_reading
{%- endmacro %}
