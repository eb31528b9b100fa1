with

requests as (

    select
        *,
        coalesce(source_status = 'REJECTED', false) as is_rejected,
        is_decided and work_order_id is not null as has_order,
        coalesce(site_location_id, 0) as site_key,
        cast({{ dbt.date_trunc('month', 'created_on') }} as date) as month_start_on
    from {{ ref('fct_work_requests') }}
    where created_on is not null

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

),

leads as (

    select
        requests.organization_id,
        requests.month_start_on,
        requests.site_key,
        {{ hours_between('requests.created_at', 'work_orders.created_at') }} as lead_hours
    from requests
    inner join work_orders
        on
            requests.organization_id = work_orders.organization_id
            and requests.work_order_id = work_orders.work_order_id
    where
        requests.has_order
        and work_orders.created_at >= requests.created_at

),

ranked_leads as (

    select
        organization_id,
        month_start_on,
        site_key,
        lead_hours,
        row_number() over (
            partition by organization_id, month_start_on, site_key
            order by lead_hours
        ) as place_number,
        count(*) over (partition by organization_id, month_start_on, site_key) as lead_count
    from leads

),

{# The median is the middle value, or the mean of the middle two. #}
summed_leads as (

    select
        organization_id,
        month_start_on,
        site_key,
        count(*) as lead_count,
        avg(lead_hours) as mean_lead_hours,
        avg(
            case when place_number * 2 between lead_count and lead_count + 2 then lead_hours end
        ) as median_lead_hours
    from ranked_leads
    group by organization_id, month_start_on, site_key

),

counted as (

    select
        organization_id,
        month_start_on,
        site_key,
        count(*) as requests,
        count(case when not is_decided then 1 end) as pending_requests,
        count(case when is_decided then 1 end) as decided_requests,
        count(case when is_rejected then 1 end) as rejected_requests,
        count(case when has_order then 1 end) as requests_with_order
    from requests
    group by organization_id, month_start_on, site_key

),

final as (

    select
        counted.organization_id,
        counted.month_start_on,
        counted.site_key as site_location_id,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        counted.requests,
        counted.pending_requests,
        counted.decided_requests,
        counted.rejected_requests,
        counted.requests_with_order,
        counted.requests_with_order / nullif(counted.decided_requests, 0) as order_rate,
        coalesce(summed_leads.lead_count, 0) as requests_with_lead,
        summed_leads.mean_lead_hours,
        summed_leads.median_lead_hours,
        coalesce(summed_leads.lead_count, 0) / nullif(counted.requests_with_order, 0)
            as lead_coverage
    from counted
    left join summed_leads
        on
            counted.organization_id = summed_leads.organization_id
            and counted.month_start_on = summed_leads.month_start_on
            and counted.site_key = summed_leads.site_key
    left join sites
        on
            counted.organization_id = sites.organization_id
            and counted.site_key = sites.site_location_id

)

select * from final
