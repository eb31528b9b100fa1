with

statuses as (

    select * from {{ ref('stg_maintainx__asset_statuses') }}

),

custom_statuses as (

    select * from {{ ref('dim_asset_custom_statuses') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

final as (

    select
        statuses.organization_id,
        statuses.asset_status_id,
        statuses.asset_id,
        statuses.custom_status_id as asset_custom_status_id,
        statuses.creator_id as created_by_user_id,
        statuses.updater_id as updated_by_user_id,
        assets.asset_name,
        statuses.status as source_status,
        statuses.downtime_type,
        custom_statuses.custom_status,
        statuses.description,
        statuses.started_at,
        statuses.ended_at,
        statuses.created_at,
        statuses.updated_at
    from statuses
    left join custom_statuses
        on
            statuses.organization_id = custom_statuses.organization_id
            and statuses.custom_status_id = custom_statuses.asset_custom_status_id
    left join assets
        on
            statuses.organization_id = assets.organization_id
            and statuses.asset_id = assets.asset_id
    where
        not statuses.is_deleted
        and coalesce(statuses.created_at <= {{ as_of() }}, true)

)

select * from final
