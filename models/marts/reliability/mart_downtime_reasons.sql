{% set levels = {
    'asset': ['organization_id', 'site_location_id', 'asset_id'],
    'site': ['organization_id', 'site_location_id'],
    'organization': ['organization_id'],
} -%}
{% set no_reason = "'no reason given'" -%}

with

intervals as (

    select * from {{ ref('fct_asset_status_intervals') }}
    where downtime_class != 'ignored'

),

assets as (

    select
        *,
        coalesce(site_location_id, 0) as site_key,
        {{ year_start(local_today('time_zone')) }} as from_on,
        {{ local_today('time_zone') }} as to_on
    from {{ ref('dim_assets') }}

),

windows as (

    select
        *,
        {{ utc_timestamp_of_local_midnight('from_on', 'time_zone') }} as from_at
    from assets

),

stops as (

    select
        intervals.organization_id,
        intervals.asset_id,
        windows.site_key as site_location_id,
        coalesce(intervals.reason, {{ no_reason }}) as reason,
        intervals.downtime_class,
        greatest(intervals.started_at, windows.from_at) as started_at,
        intervals.ended_at
    from intervals
    inner join windows
        on
            intervals.organization_id = windows.organization_id
            and intervals.asset_id = windows.asset_id
            and intervals.ended_at > windows.from_at

),

measured as (

    select
        *,
        cast({{ hours_between('started_at', 'ended_at') }} * 3600 as decimal(28, 6)) as seconds
    from stops

),

summed as (

    select
        organization_id,
        asset_id,
        site_location_id,
        reason,
        count(*) as stops,
        sum(seconds) as seconds,
        {% for class in ['unplanned', 'planned', 'unclassified'] %}
            sum(case when downtime_class = '{{ class }}' then seconds else 0 end)
                as {{ class }}_seconds,
        {% endfor %}
        max(started_at) as last_started_at
    from measured
    group by organization_id, asset_id, site_location_id, reason

),

{% for level, keys in levels.items() %}
    {{ level }}_sums as (

        select
            {{ keys | join(', ') }},
            reason,
            sum(seconds) as seconds
        from summed
        group by {{ keys | join(', ') }}, reason

    ),

    {{ level }}_ranks as (

        select
            *,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by seconds desc, reason asc
            ) as reason_rank,
            sum(seconds) over (
                partition by {{ keys | join(', ') }}
                order by seconds desc, reason asc
                rows between unbounded preceding and current row
            ) as cumulative_seconds,
            sum(seconds) over (partition by {{ keys | join(', ') }}) as total_seconds,
            sum(case when reason != {{ no_reason }} then seconds else 0 end)
                over (partition by {{ keys | join(', ') }})
                as explained_seconds
        from {{ level }}_sums

    ),
{% endfor %}

final as (

    select
        summed.organization_id,
        summed.asset_id,
        summed.reason,
        summed.site_location_id,
        windows.asset_name,
        windows.asset_path,
        windows.location_path,
        coalesce(windows.site_name, '') as site_name,
        coalesce(windows.site_label, '') as site_label,
        summed.stops,
        cast(summed.seconds as {{ type_double() }}) / 3600 as downtime_hours,
        {% for class in ['unplanned', 'planned', 'unclassified'] %}
            cast(summed.{{ class }}_seconds as {{ type_double() }}) / 3600 as {{ class }}_hours,
        {% endfor %}
        {% for level in levels %}
            cast({{ level }}_ranks.seconds as {{ type_double() }}) / 3600
                as {{ level }}_reason_hours,
            cast({{ level }}_ranks.total_seconds as {{ type_double() }}) / 3600
                as {{ level }}_hours,
            {{ level }}_ranks.reason_rank as {{ level }}_rank,
            cast({{ level }}_ranks.seconds as {{ type_double() }})
            / nullif({{ level }}_ranks.total_seconds, 0) as {{ level }}_share,
            cast({{ level }}_ranks.cumulative_seconds as {{ type_double() }})
            / nullif({{ level }}_ranks.total_seconds, 0) as {{ level }}_cumulative_share,
            cast({{ level }}_ranks.explained_seconds as {{ type_double() }})
            / nullif({{ level }}_ranks.total_seconds, 0) as {{ level }}_reason_coverage,
        {% endfor %}
        windows.from_on,
        windows.to_on,
        summed.last_started_at
    from summed
    inner join windows
        on
            summed.organization_id = windows.organization_id
            and summed.asset_id = windows.asset_id
    {% for level, keys in levels.items() %}
        inner join {{ level }}_ranks
            on
                {% for key in keys %}
                    summed.{{ key }} = {{ level }}_ranks.{{ key }}
                    and
                {% endfor %}
                summed.reason = {{ level }}_ranks.reason
    {% endfor %}

)

select * from final
