with

records as (

    {{ newest_records(source('maintainx', 'users'), user_shape()) }}

),

final as (

    select
        organization_id,
        id as user_id,
        {{ user_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
