with

categories as (

    select * from {{ ref('stg_maintainx__categories') }}

),

final as (

    select
        organization_id,
        category_id,
        label as category_name,
        description,
        is_deleted
    from categories

)

select * from final
