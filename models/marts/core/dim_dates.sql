with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

{# A date mistyped as year 0001 must not stretch the calendar. #}
bounds as (

    select
        cast({{ as_of() }} as date) as as_of_on,
        cast(min(case when created_at >= '2000-01-01' then created_at end) as date)
            as oldest_created_on
    from work_orders

),

days as (

    select cast(day_at as date) as date_day
    from bounds
    cross join
        {{
            date_series(
                'coalesce(oldest_created_on, as_of_on) - interval 2 year',
                'as_of_on + interval 1 year',
                'day_at'
            )
        }}

),

{# Counted from a Monday: engines disagree on where a week starts. #}
weekdays as (

    select
        date_day,
        {{ dbt.datediff("cast('1900-01-01' as date)", "date_day", "day") }} % 7 + 1 as day_of_week
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
        cast(date_trunc('month', date_day) as date) as month_start_on
    from weeks

)

select * from final
