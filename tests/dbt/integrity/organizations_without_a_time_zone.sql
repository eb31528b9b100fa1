{{ config(severity='warn') }}

select
    organizations.organization_id,
    organizations.organization_name,
    sent.time_zone as sent_time_zone,
    organizations.time_zone
from {{ ref('dim_organizations') }} as organizations
inner join {{ ref('stg_maintainx__organizations') }} as sent
    on organizations.organization_id = sent.organization_id
where organizations.time_zone is distinct from sent.time_zone
