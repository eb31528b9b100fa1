with

records as (

    {{ record_versions(source('maintainx', 'users'), user_shape()) }}

),

final as (

    select
        organization_id,
        id as user_id,
        run_id,
        {{ user_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
