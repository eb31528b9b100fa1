with

templates as (

    select * from {{ ref('stg_maintainx__procedure_templates') }}

),

fields as (

    select
        organization_id,
        procedure_template_id,
        count(*) as field_count
    from {{ ref('dim_procedure_template_fields') }}
    group by organization_id, procedure_template_id

),

final as (

    select
        templates.organization_id,
        templates.procedure_template_id,
        templates.title as template_title,
        coalesce(fields.field_count, 0) as field_count,
        templates.is_deleted
    from templates
    left join fields
        on
            templates.organization_id = fields.organization_id
            and templates.procedure_template_id = fields.procedure_template_id

)

select * from final
