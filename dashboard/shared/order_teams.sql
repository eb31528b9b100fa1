-- One row per work order with team_id null, which stands for all teams, and one per team that the
-- order is assigned to. Joined to orders, it gives each figure for all teams and for each team.
select
    organization_id,
    work_order_id,
    null as team_id
from marts.fct_work_orders

union all

select distinct
    organization_id,
    work_order_id,
    team_id
from marts.bridge_work_order_assignees
where team_id is not null
