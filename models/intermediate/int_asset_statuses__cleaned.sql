with

statuses as (

    select * from {{ ref('stg_maintainx__asset_statuses') }}

),

assets as (

    select * from {{ ref('stg_maintainx__assets') }}

),

custom_statuses as (

    select * from {{ ref('stg_maintainx__asset_custom_statuses') }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

{# No status can last longer than its asset. #}
bounded_statuses as (

    select
        statuses.organization_id,
        statuses.asset_status_id,
        statuses.asset_id,
        statuses.status,
        statuses.downtime_type,
        nullif({{ trimmed('custom_statuses.label') }}, '') as custom_status,
        nullif({{ trimmed('statuses.description') }}, '') as description,
        statuses.started_at,
        statuses.ended_at,
        coalesce(assets.is_deleted, false) as is_asset_deleted,
        case
            when assets.is_deleted
                then least(coalesce(assets.deleted_at, assets.extracted_at), as_of.as_of_at)
            else as_of.as_of_at
        end as last_at
    from statuses
    cross join as_of
    left join assets
        on
            statuses.organization_id = assets.organization_id
            and statuses.asset_id = assets.asset_id
    left join custom_statuses
        on
            statuses.organization_id = custom_statuses.organization_id
            and statuses.custom_status_id = custom_statuses.asset_custom_status_id
    where
        not statuses.is_deleted
        and statuses.asset_id is not null

),

{# A mistyped start date must not give centuries of downtime. #}
final as (

    select
        organization_id,
        asset_status_id,
        asset_id,
        custom_status,
        description,
        coalesce(custom_status, description) as reason,
        case
            when status = 'OFFLINE' and downtime_type = 'UNPLANNED' then 'unplanned'
            when status = 'OFFLINE' and downtime_type = 'PLANNED' then 'planned'
            when status = 'OFFLINE' then 'unclassified'
            when status = 'IGNORE' then 'ignored'
            else 'up'
        end as downtime_class,
        is_asset_deleted,
        started_at,
        case when ended_at <= last_at then ended_at end as ended_at,
        last_at
    from bounded_statuses
    where
        started_at >= '2000-01-01'
        and started_at < last_at
        and (ended_at is null or ended_at > started_at)

)

select * from final
