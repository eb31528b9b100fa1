with

plans as (

    select * from {{ ref('stg_maintainx__maintenance_plans') }}

),

final as (

    select
        plans.organization_id,
        plans.maintenance_plan_id,
        plan_asset.assetid as asset_id,
        min(plan_asset.id) as plan_asset_id
    from
        {{
            json_elements('plans', 'assets', {'id': 'integer', 'assetId': 'integer'}, 'plan_asset')
        }}
    where plan_asset.assetid is not null
    group by plans.organization_id, plans.maintenance_plan_id, plan_asset.assetid

)

select * from final
