with

definitions as (

    {% for list, entity in custom_field_entities().items() %}
        select
            *,
            '{{ entity }}' as entity
        from {{ source('maintainx', 'custom_fields_' ~ list) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

records as (

    {{ newest_records('definitions', {
        'label': 'text',
        'type': 'text',
        'sortOrder': 'integer',
        'required': 'boolean',
        'unlisted': 'boolean',
        'options': 'json',
    }, key=['organization_id', 'entity', 'id']) }}

),

final as (

    select
        organization_id,
        id as custom_field_id,
        entity,
        record.label,
        record.type as field_type,
        record.sortOrder as sort_order,
        record.required as is_required,
        record.unlisted as is_unlisted,
        {{ json_list('record.options') }} as options,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
