select
    organization_id,
    as_of_on as day_on,
    tests,
    tests_passed,
    tests_warned,
    tests_failed,
    rows_warned,
    rows_failed
from marts.mart_data_quality_daily
where tests is not null
qualify row_number() over (order by as_of_on desc) <= 60
