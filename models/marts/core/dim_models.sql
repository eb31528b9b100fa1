with

models as (

    select * from {{ ref('stg_maintainx__models') }}

),

manufacturers as (

    select * from {{ ref('stg_maintainx__manufacturers') }}

),

final as (

    select
        models.organization_id,
        models.model_id,
        models.manufacturer_id,
        models.name as model_name,
        manufacturers.name as manufacturer_name,
        models.is_deleted
    from models
    left join manufacturers
        on
            models.organization_id = manufacturers.organization_id
            and models.manufacturer_id = manufacturers.manufacturer_id

)

select * from final
