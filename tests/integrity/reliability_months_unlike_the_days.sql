{% set figures = [
    'required_hours',
    'ignored_hours',
    'planned_hours',
    'unplanned_hours',
    'unclassified_hours',
    'down_hours',
    'up_hours',
    'failures',
] -%}

with

figures as (

    select
        organization_id,
        asset_id,
        month_start_on,
        {{ figures | join(',\n        ') }}
    from {{ ref('mart_asset_reliability_monthly') }}

    union all

    select
        organization_id,
        asset_id,
        cast({{ dbt.date_trunc('month', 'day_on') }} as date) as month_start_on,
        {% for figure in figures %}
            -{{ figure }} as {{ figure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_asset_days') }}

),

differences as (

    select
        organization_id,
        asset_id,
        month_start_on,
        {% for figure in figures %}
            sum({{ figure }}) as {{ figure }}_too_many{{ ',' if not loop.last }}
        {% endfor %}
    from figures
    group by organization_id, asset_id, month_start_on

)

select * from differences
where
    {% for figure in figures %}
        {{ 'or' if not loop.first }} abs({{ figure }}_too_many) > 0.0001
    {% endfor %}
