with

records as (

    {{ newest_records(source('maintainx', 'meters'), meter_shape()) }}

),

final as (

    select
        organization_id,
        id as meter_id,
        {{ meter_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
