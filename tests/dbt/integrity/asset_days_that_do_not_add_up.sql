with

asset_days as (

    select * from {{ ref('fct_asset_days') }}

)

select *
from asset_days
where
    abs(
        required_hours
        - up_hours
        - planned_hours
        - unplanned_hours
        - unclassified_hours
        - ignored_hours
    ) > 0.000001
    or abs(down_hours - planned_hours - unplanned_hours - unclassified_hours) > 0.000001
    or least(
        up_hours, planned_hours, unplanned_hours, unclassified_hours, ignored_hours, failures
    ) < 0
    or required_hours > 26
