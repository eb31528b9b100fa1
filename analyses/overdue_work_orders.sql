select
    overdue_days,
    coalesce(site_label, 'no location') as site,
    title,
    asset_name,
    assignee_names,
    due_on,
    age_days,
    work_order_url
from {{ ref('mart_overdue_work_orders') }}
order by overdue_days desc, work_order_url
