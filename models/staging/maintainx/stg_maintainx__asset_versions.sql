with

records as (

    {{ record_versions(source('maintainx', 'assets'), asset_shape()) }}

),

final as (

    select
        organization_id,
        id as asset_id,
        run_id,
        {{ asset_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
