with

{% for name, model in {
    'staged': 'stg_maintainx__custom_fields', 'mart_records': 'dim_custom_fields'
}.items() %}
    {{ name }} as (

        select
            organization_id,
            entity,
            custom_field_id,
            label,
            field_type,
            sort_order,
            coalesce(is_required, false) as is_required,
            coalesce(is_unlisted, false) as is_unlisted,
            is_deleted,
            {{ json_text('options') }} as options
        from {{ ref(model) }}

    ),
{% endfor %}

{{ differences('staged', 'mart_records') }}

select * from final
