with

newest as (

    select * from marts.mart_data_quality_daily
    where work_orders is not null
    qualify row_number() over (partition by organization_id order by as_of_on desc) = 1

)

select organization_id, 'Asset' as field, work_orders_with_asset as filled, work_orders as orders
from newest

union all

select organization_id, 'Location' as field, work_orders_with_location as filled, work_orders as orders
from newest

union all

select organization_id, 'Due date' as field, work_orders_with_due_date as filled, work_orders as orders
from newest

union all

select
    organization_id,
    'Logged time (of done orders)' as field,
    done_work_orders_with_logged_time as filled,
    done_work_orders as orders
from newest
