with

followed as (

    select
        *,
        lag(ended_at) over asset_so_far as previous_ended_at,
        lag(downtime_class) over asset_so_far as previous_downtime_class
    from {{ ref('fct_asset_status_intervals') }}
    window
        asset_so_far as (
            partition by organization_id, asset_id
            order by started_at
        )

)

select * from followed
where
    started_at >= ended_at
    or started_at < previous_ended_at
    or (started_at = previous_ended_at and downtime_class = previous_downtime_class)
