with

readings as (

    select * from {{ ref('int_reconciliations__newest') }}

),

results as (

    select
        organization_id,
        'work_orders' as resource,
        work_order_id as record_id,
        result
    from {{ ref('rec_work_orders') }}
    group by organization_id, work_order_id, result

    union all

    select
        organization_id,
        resource,
        record_id,
        result
    from {{ ref('rec_records') }}

),

counts as (

    select
        organization_id,
        resource,
        count(*) as records,
        count(case when result = 'match' then 1 end) as matches,
        count(case when result = 'mismatch' then 1 end) as mismatches,
        count(case when result = 'missing_in_warehouse' then 1 end) as missing_in_warehouse,
        count(case when result = 'missing_in_source' then 1 end) as missing_in_source,
        count(case when result = 'newer_at_source' then 1 end) as newer_at_source
    from results
    group by organization_id, resource

),

final as (

    select
        readings.organization_id,
        readings.resource,
        readings.run_id,
        readings.state,
        readings.newest_state,
        coalesce(counts.records, 0) as records,
        coalesce(counts.matches, 0) as matches,
        coalesce(counts.mismatches, 0) as mismatches,
        coalesce(counts.missing_in_warehouse, 0) as missing_in_warehouse,
        coalesce(counts.missing_in_source, 0) as missing_in_source,
        coalesce(counts.newer_at_source, 0) as newer_at_source,
        (counts.matches + counts.mismatches) / counts.records as compared_share,
        readings.watermark,
        readings.started_at,
        readings.ended_at
    from readings
    left join counts
        on
            readings.organization_id = counts.organization_id
            and readings.resource = counts.resource

)

select * from final
