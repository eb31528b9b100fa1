{% set shape = {
    'id': 'integer',
    'meterId': 'integer',
    'attachmentId': 'integer',
    'label': 'text',
    'description': 'text',
    'type': 'text',
    'isDateAndTime': 'boolean',
    'choices': 'json',
    'urls': 'json',
} %}

with

templates as (

    select * from {{ ref('stg_maintainx__procedure_templates') }}

),

final as (

    select
        templates.organization_id,
        templates.procedure_template_id,
        {{ element_number() }} as field_number,
        field.id as procedure_template_field_id,
        field.meterid as meter_id,
        field.attachmentid as attachment_id,
        field.label,
        field.description,
        field.type as field_type,
        coalesce(field.isdateandtime, false) as is_date_and_time,
        {{ json_list('field.choices') }} as choices,
        {{ json_list('field.urls') }} as urls
    from {{ json_elements('templates', 'template_rows', shape, 'field') }}
    where field.id is not null

)

select * from final
