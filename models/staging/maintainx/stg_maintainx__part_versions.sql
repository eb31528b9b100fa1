with

records as (

    {{ record_versions(source('maintainx', 'parts'), part_shape()) }}

),

final as (

    select
        organization_id,
        id as part_id,
        run_id,
        {{ part_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
