{% set field_shape = {
    'id': 'integer',
    'parentId': 'integer',
    'procedureTemplateId': 'integer',
    'procedureTemplateFieldId': 'integer',
    'label': 'text',
    'description': 'text',
    'type': 'text',
    'required': 'boolean',
    'isDateAndTime': 'boolean',
    'assignees': {'userIds': 'json', 'teamIds': 'json'},
    'score': 'number',
    'maxScore': 'number',
    'meter': {'id': 'integer'},
    'value': {
        'text': 'text',
        'notes': {'text': 'text'},
        'attachment': {'id': 'integer'},
        'attachments': 'json',
        'hasAttachments': 'boolean',
    },
} %}
{% set procedure_shape = {
    'id': 'integer',
    'title': 'text',
    'score': 'number',
    'maxScore': 'number',
    'templateIds': 'json',
    'fields': [field_shape],
} %}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

procedures as (

    select
        organization_id,
        work_order_id,
        asset_id,
        {{ parse_json('procedure', procedure_shape) }} as procedure
    from work_orders
    where procedure is not null

),

fields as (

    select
        procedures.organization_id,
        procedures.work_order_id,
        {{ element_number() }} as field_number,
        procedures.asset_id,
        procedures.procedure.id as procedure_id,
        field.id as field_id,
        field.parentid as field_parent_id,
        field.proceduretemplateid as procedure_template_id,
        field.proceduretemplatefieldid as procedure_template_field_id,
        field.meter.id as meter_id,
        procedures.procedure.title as procedure_title,
        field.label,
        field.description,
        field.type as field_type,
        field.value.text as value,
        field.value.notes.text as notes,
        {{ to_number('field.value.text') }} as value_number,
        {{ to_number('field.score') }} as score,
        {{ to_number('field.maxscore') }} as max_score,
        {{ to_number('procedures.procedure.score') }} as procedure_score,
        {{ to_number('procedures.procedure.maxscore') }} as procedure_max_score,
        coalesce(field.required, false) as is_required,
        coalesce(field.isdateandtime, false) as is_date_and_time,
        coalesce(field.value.hasattachments, false)
        or field.value.attachment.id is not null
        or coalesce({{ json_text(json_list('field.value.attachments')) }} != '[]', false)
            as has_attachments,
        {{ json_list('procedures.procedure.templateids') }} as procedure_template_ids,
        {{ json_list('field.assignees.userids') }} as assigned_user_ids,
        {{ json_list('field.assignees.teamids') }} as assigned_team_ids
    from {{ list_elements('procedures', 'procedure.fields', 'field') }}
    where field.id is not null

),

final as (

    select
        organization_id,
        work_order_id,
        field_number,
        asset_id,
        procedure_id,
        field_id,
        field_parent_id,
        procedure_template_id,
        procedure_template_field_id,
        meter_id,
        procedure_title,
        label,
        description,
        field_type,
        value,
        notes,
        value_number,
        score,
        max_score,
        procedure_score,
        procedure_max_score,
        is_required,
        is_date_and_time,
        has_attachments,
        coalesce(trim(value), '') != '' or has_attachments as is_answered,
        procedure_template_ids,
        assigned_user_ids,
        assigned_team_ids
    from fields

)

select * from final
