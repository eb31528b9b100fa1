with

custom_fields as (

    select * from {{ ref('stg_maintainx__custom_fields') }}

),

final as (

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
        options
    from custom_fields

)

select * from final
