with

records as (

    {{ record_versions(source('maintainx', 'purchase_orders'), purchase_order_shape()) }}

),

final as (

    select
        organization_id,
        id as purchase_order_id,
        run_id,
        {{ purchase_order_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
