with

reasons as (

    select * from {{ ref('mart_downtime_reasons') }}

),

assets as (

    select
        organization_id,
        asset_id,
        sum(downtime_hours) as reason_hours,
        max(asset_hours) as asset_hours,
        sum(asset_share) as shares,
        max(asset_cumulative_share) as last_share,
        max(asset_rank) as last_rank,
        count(*) as reasons
    from reasons
    group by organization_id, asset_id

),

bad_actors as (

    select * from {{ ref('mart_bad_actors') }}
    where downtime_hours > 0

),

{% for level, key in {'site': 'site_location_id', 'organization': 'organization_id'}.items() %}
    {{ level }}s as (

        select
            organization_id,
            {{ key }} as id,
            sum(downtime_hours) as reason_hours,
            max({{ level }}_hours) as {{ level }}_hours,
            count(distinct reason) as reasons,
            max({{ level }}_rank) as last_rank,
            max({{ level }}_cumulative_share) as last_share
        from reasons
        group by organization_id, {{ key }}

    ),
{% endfor %}

final as (

    select
        'asset' as level,
        coalesce(assets.organization_id, bad_actors.organization_id) as organization_id,
        coalesce(assets.asset_id, bad_actors.asset_id) as id,
        assets.reason_hours,
        bad_actors.downtime_hours as expected_hours
    from assets
    full join bad_actors
        on
            assets.organization_id = bad_actors.organization_id
            and assets.asset_id = bad_actors.asset_id
    where
        coalesce(abs(assets.reason_hours - bad_actors.downtime_hours) > 0.0001, true)
        or abs(assets.reason_hours - assets.asset_hours) > 0.0001
        or abs(assets.shares - 1) > 0.0001
        or abs(assets.last_share - 1) > 0.0001
        or assets.last_rank != assets.reasons

    {% for level in ['site', 'organization'] %}
        union all

        select
            '{{ level }}' as level,
            organization_id,
            id,
            reason_hours,
            {{ level }}_hours as expected_hours
        from {{ level }}s
        where
            abs(reason_hours - {{ level }}_hours) > 0.0001
            or abs(last_share - 1) > 0.0001
            or last_rank != reasons
    {% endfor %}

)

select * from final
