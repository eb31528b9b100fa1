{{ config(severity='warn') }}

select
    organization_id,
    asset_id,
    asset_name,
    parent_asset_id,
    asset_path
from {{ ref('dim_assets') }}
where is_in_cycle
