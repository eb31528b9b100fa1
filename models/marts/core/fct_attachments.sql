{% set shape = {
    'id': 'integer',
    'mimeType': 'text',
    'fileName': 'text',
    'createdAt': 'text',
    'width': 'integer',
    'height': 'integer',
} %}
{% set records = {
    'purchase_orders': 'purchase_order_id',
    'work_requests': 'work_request_id',
} %}
{#- Of details: list, id, and the relation of the records that count. -#}
{% set details = {
    'vendor_details': ('vendors', 'vendor_id', 'stg_maintainx__vendors'),
    'work_order_details': ('work_orders', 'work_order_id', 'int_work_orders__not_deleted'),
} %}
{% set sources = [] %}
{% for list, id in records.items() %}
    {% do sources.append((list, list, id)) %}
{% endfor %}
{% for detail, (list, id, parents) in details.items() %}
    {% do sources.append((detail, list, id)) %}
{% endfor %}

with

work_orders as (

    select
        organization_id,
        work_order_id,
        {{
            parse_json('procedure', {
                'fields': [{'value': {'attachment': 'json', 'attachments': 'json'}}],
            })
        }} as procedure
    from {{ ref('int_work_orders__not_deleted') }}
    where procedure is not null

),

templates as (

    select * from {{ ref('stg_maintainx__procedure_templates') }}
    where not is_deleted

),

answers as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {{ parse_json(json_object('field.value.attachment'), shape) }} as file,
        {{ json_list('field.value.attachments') }} as attachments
    from {{ list_elements('work_orders', 'procedure.fields', 'field') }}

),

template_fields as (

    select
        templates.organization_id,
        templates.procedure_template_id,
        {{ json_list('field.attachments') }} as attachments
    from {{ json_elements('templates', 'template_rows', {'attachments': 'json'}, 'field') }}

),

{% for list in records %}
    {{ list }} as (

        select
            *,
            {{ parse_json('thumbnail', shape) }} as file
        from {{ ref('stg_maintainx__' ~ list) }}
        where
            not is_deleted
            and coalesce(created_at <= {{ as_of() }}, true)

    ),
{% endfor %}

{% for detail, (list, id, parents) in details.items() %}
    {{ detail }} as (

        select
            details.*,
            {{ parse_json('details.thumbnail', shape) }} as file
        from {{ ref('stg_maintainx__' ~ detail) }} as details
        inner join {{ ref(parents) }} as parents
            on
                details.organization_id = parents.organization_id
                and details.{{ id }} = parents.{{ id }}
        where
            not details.is_deleted
            and not parents.is_deleted

    ),
{% endfor %}

files as (

    {% for source, list, id in sources %}
        select
            organization_id,
            '{{ list }}' as entity,
            {{ id }} as id,
            file,
            true as is_thumbnail
        from {{ source }}

        union all

        select
            records.organization_id,
            '{{ list }}' as entity,
            records.{{ id }} as id,
            attachment as file,
            false as is_thumbnail
        from {{ json_elements(source, 'attachments', shape, 'attachment', name='records') }}

        union all

    {% endfor %}
    select
        organization_id,
        'work_orders' as entity,
        work_order_id as id,
        file,
        false as is_thumbnail
    from answers

    union all

    select
        answers.organization_id,
        'work_orders' as entity,
        answers.work_order_id as id,
        attachment as file,
        false as is_thumbnail
    from {{ json_elements('answers', 'attachments', shape, 'attachment') }}

    union all

    select
        template_fields.organization_id,
        'procedure_templates' as entity,
        template_fields.procedure_template_id as id,
        attachment as file,
        false as is_thumbnail
    from {{ json_elements('template_fields', 'attachments', shape, 'attachment') }}

),

final as (

    select
        organization_id,
        entity,
        id,
        file.id as file_id,
        file.filename as file_name,
        file.mimetype as mime_type,
        file.width as width_pixels,
        file.height as height_pixels,
        is_thumbnail,
        {{ to_utc_timestamp('file.createdAt') }} as created_at
    from files
    where file.id is not null
    qualify
        row_number() over (
            partition by organization_id, entity, id, file.id
            order by
                is_thumbnail,
                file.filename nulls last,
                file.mimetype nulls last,
                file.createdat nulls last
        ) = 1

)

select * from final
