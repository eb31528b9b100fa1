-- The months that the page holds: two years to compare, and the current month.
select
    date_trunc('month', max(as_of_on)) - interval 24 month as first_on,
    max(as_of_on) as last_on
from marts.dim_organizations
