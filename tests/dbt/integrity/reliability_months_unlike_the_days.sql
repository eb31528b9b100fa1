{% set figures = [
    'required_hours',
    'ignored_hours',
    'planned_hours',
    'unplanned_hours',
    'unclassified_hours',
    'down_hours',
    'up_hours',
] -%}

with

figures as (

    select
        organization_id,
        asset_id,
        month_start_on,
        {% for figure in figures %}
            {{ figure }},
        {% endfor %}
        failures
    from {{ ref('mart_asset_reliability_monthly') }}

    union all

    select
        organization_id,
        asset_id,
        cast({{ dbt.date_trunc('month', 'day_on') }} as date) as month_start_on,
        {% for figure in figures %}
            -{{ figure }} as {{ figure }},
        {% endfor %}
        -failures as failures
    from {{ ref('fct_asset_days') }}

),

differences as (

    select
        organization_id,
        asset_id,
        month_start_on,
        {% for figure in figures %}
            sum({{ figure }}) as {{ figure }}_too_many,
        {% endfor %}
        sum(failures) as failures_too_many
    from figures
    group by organization_id, asset_id, month_start_on

)

select * from differences
where
    failures_too_many != 0
    {% for figure in figures %}
        or abs({{ figure }}_too_many) > 0.0001
    {% endfor %}
