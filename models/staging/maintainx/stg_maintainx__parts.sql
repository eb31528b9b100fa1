with

records as (

    {{ newest_records(source('maintainx', 'parts'), part_shape()) }}

),

final as (

    select
        organization_id,
        id as part_id,
        {{ part_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
