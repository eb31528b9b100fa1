select
    asset_name,
    coalesce(site_label, 'no location') as site,
    location_path,
    round(cost_12m, 2) as cost_12m,
    round(purchase_price, 2) as purchase_price,
    currency,
    round(100 * cost_share, 1) as percent_of_price
from {{ ref('mart_cost_vs_replacement') }}
where has_purchase_price
order by cost_share desc, location_path, asset_name
