with

records as (

    {{ newest_records(source('maintainx', 'purchase_orders'), purchase_order_shape()) }}

),

final as (

    select
        organization_id,
        id as purchase_order_id,
        {{ purchase_order_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
