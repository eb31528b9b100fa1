with

records as (

    {{ record_versions(source('maintainx', 'meters'), meter_shape()) }}

),

final as (

    select
        organization_id,
        id as meter_id,
        run_id,
        {{ meter_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
