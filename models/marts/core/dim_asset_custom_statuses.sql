with

custom_statuses as (

    select * from {{ ref('stg_maintainx__asset_custom_statuses') }}

),

final as (

    select
        organization_id,
        asset_custom_status_id,
        label as custom_status,
        base_asset_status as base_status,
        downtime_type,
        is_deleted,
        created_at,
        updated_at
    from custom_statuses

)

select * from final
