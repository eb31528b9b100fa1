{{ config(severity='warn') }}

select
    organization_id,
    location_id,
    location_name,
    parent_location_id,
    location_path
from {{ ref('dim_locations') }}
where is_in_cycle
