with

records as (

    {{ newest_records(source('maintainx', 'assets'), asset_shape()) }}

),

final as (

    select
        organization_id,
        id as asset_id,
        {{ asset_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
