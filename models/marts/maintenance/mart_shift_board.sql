{#- The factors that the seed can weigh, each with its value per work order. -#}
{%- set factors = {
    'priority': 'work_orders.priority',
    'overdue_days': 'work_orders.overdue_days',
    'asset_down': 'case when assets.is_down then 1 else 0 end',
    'age_days': 'work_orders.age_days',
} -%}

with

work_orders as (

    select * from {{ ref('fct_work_orders') }}
    where
        is_open
        and is_counted
        and not is_upcoming

),

assets as (

    select
        organization_id,
        asset_id,
        coalesce(status = 'OFFLINE', false) as is_down
    from {{ ref('dim_assets') }}

),

weights as (

    select
        {% for factor in factors %}
            sum(case when factor = '{{ factor }}' then weight end) as {{ factor }}_weight,
            max(case when factor = '{{ factor }}' then full_at end) as {{ factor }}_full_at,
        {% endfor %}
        sum(weight) as total_weight
    from {{ ref('shift_board_weights') }}
    where
        factor in {{ string_list(factors) }}
        and weight > 0
        and full_at > 0

),

scores as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {% for factor, value in factors.items() %}
            case
                when {{ value }} > 0 and weights.{{ factor }}_weight > 0
                    then
                        100e0 * weights.{{ factor }}_weight / weights.total_weight
                        * least({{ value }} / weights.{{ factor }}_full_at, 1)
                else 0
            end as {{ factor }}_points,
        {% endfor %}
        coalesce(assets.is_down, false) as is_asset_down
    from work_orders
    cross join weights
    left join assets
        on
            work_orders.organization_id = assets.organization_id
            and work_orders.asset_id = assets.asset_id

),

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.sequential_id,
        work_orders.asset_id,
        work_orders.location_id,
        work_orders.site_location_id,
        work_orders.title,
        work_orders.work_order_url,
        work_orders.site_name,
        work_orders.site_label,
        work_orders.location_path,
        work_orders.asset_name,
        work_orders.assignee_names,
        work_orders.source_priority,
        work_orders.work_type,
        work_orders.status,
        scores.priority_points
        + scores.overdue_days_points
        + scores.asset_down_points
        + scores.age_days_points as priority_score,
        scores.priority_points,
        scores.overdue_days_points,
        scores.asset_down_points,
        scores.age_days_points,
        work_orders.overdue_days,
        work_orders.age_days,
        work_orders.imputed_hours,
        work_orders.is_overdue,
        work_orders.is_on_hold,
        scores.is_asset_down,
        work_orders.due_on
    from work_orders
    inner join scores
        on
            work_orders.organization_id = scores.organization_id
            and work_orders.work_order_id = scores.work_order_id

)

select * from final
