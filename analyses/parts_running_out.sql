select
    part_name,
    location_path,
    available_quantity,
    minimum_quantity,
    on_order_quantity,
    days_out_of_stock,
    days_below_minimum
from {{ ref('mart_parts_health') }}
where is_below_minimum
order by days_out_of_stock desc, days_below_minimum desc, part_name, location_path
