with

days as (

    select
        date_day,
        lag(date_day) over (order by date_day) as day_before
    from {{ ref('dim_dates') }}

)

select
    date_day,
    day_before
from days
where date_day != {{ add_days('day_before', 1) }}
