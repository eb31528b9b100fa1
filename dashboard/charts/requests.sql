select
    organization_id,
    site_location_id,
    month_start_on,
    requests,
    pending_requests,
    rejected_requests,
    requests_with_order,
    decided_requests,
    decided_requests - rejected_requests - requests_with_order as closed_requests,
    requests_with_lead,
    mean_lead_hours * requests_with_lead as lead_hours
from marts.mart_request_funnel_monthly
