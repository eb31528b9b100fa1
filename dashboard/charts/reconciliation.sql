select
    organization_id,
    as_of_on as day_on,
    reconciled_records,
    matches,
    mismatches,
    missing_in_warehouse,
    missing_in_source,
    newer_at_source
from marts.mart_data_quality_daily
where reconciled_records is not null
qualify row_number() over (partition by organization_id order by as_of_on desc) <= 60
