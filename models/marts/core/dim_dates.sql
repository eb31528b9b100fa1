with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

as_of as (

    select cast({{ as_of() }} as date) as as_of_on

),

{# A mistyped date must not extend the calendar to the year 1 or 9999. An aggregate without groups
   has one row even where there are no orders. #}
bounds as (

    select
        min(case when work_orders.created_at >= '2000-01-01' then work_orders.created_at end)
            as oldest_created_at,
        max(
            case
                when cast(work_orders.due_at as date) <= as_of.as_of_on + interval 10 year
                    then work_orders.due_at
            end
        ) as latest_due_at
    from work_orders
    cross join as_of

),

spans as (

    select
        coalesce(cast(bounds.oldest_created_at as date), as_of.as_of_on) - interval 2 year
            as first_day,
        greatest(
            as_of.as_of_on + interval 1 year,
            coalesce(cast(bounds.latest_due_at as date), as_of.as_of_on) + interval 1 day
        ) as last_day
    from bounds
    cross join as_of

),

days as (

    select cast(day_at as date) as date_day
    from spans
    cross join {{ date_series('spans.first_day', 'spans.last_day', 'day_at') }}

),

weekdays as (

    select
        date_day,
        {{ iso_day_of_week('date_day') }} as day_of_week
    from days

),

weeks as (

    select
        date_day,
        day_of_week,
        {{ add_days('date_day', '1 - day_of_week') }} as week_start_on,
        {{ add_days('date_day', '4 - day_of_week') }} as thursday_on
    from weekdays

),

final as (

    select
        date_day,
        extract(year from date_day) as year,
        extract(quarter from date_day) as quarter,
        extract(month from date_day) as month,
        extract(day from date_day) as day_of_month,
        day_of_week,
        extract(year from thursday_on) as iso_year,
        cast(floor((extract(dayofyear from thursday_on) - 1) / 7) as bigint) + 1 as iso_week,
        cast(extract(year from date_day) as string)
        || '-'
        || lpad(cast(extract(month from date_day) as string), 2, '0') as year_month,
        case day_of_week
            when 1 then 'Monday'
            when 2 then 'Tuesday'
            when 3 then 'Wednesday'
            when 4 then 'Thursday'
            when 5 then 'Friday'
            when 6 then 'Saturday'
            when 7 then 'Sunday'
        end as day_name,
        day_of_week in (6, 7) as is_weekend,
        week_start_on,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_on
    from weeks

)

select * from final
