{# A view, so that it shows the build that just ended. #}
{{ config(materialized='view') }}

with

{# Results that apply to a whole build have one row, under organization id 0. #}
organizations as (

    select
        organization_id,
        time_zone
    from {{ without_database(ref('dim_organizations')) }}

    union all

    select
        0 as organization_id,
        'UTC' as time_zone

),

model_builds as (

    select
        invocation_id,
        as_of_at,
        build_started_at,
        count(*) as models,
        count(case when status = 'error' then 1 end) as models_failed,
        count(case when status = 'skipped' then 1 end) as models_skipped
    from {{ without_database(source('history', 'model_runs')) }}
    where is_whole
    group by invocation_id, as_of_at, build_started_at

),

test_builds as (

    select
        invocation_id,
        as_of_at,
        build_started_at,
        count(*) as tests,
        count(case when status = 'pass' then 1 end) as tests_passed,
        count(case when status = 'warn' then 1 end) as tests_warned,
        count(case when status in ('fail', 'error') then 1 end) as tests_failed,
        count(case when status = 'skipped' then 1 end) as tests_skipped,
        coalesce(sum(case when status = 'warn' then rows_failing end), 0) as rows_warned,
        coalesce(sum(case when status = 'fail' then rows_failing end), 0) as rows_failed
    from {{ without_database(source('history', 'test_results')) }}
    where
        is_whole
        -- A unit test does not check the data, and a build may exclude unit tests.
        and kind = 'test'
    group by invocation_id, as_of_at, build_started_at

),

reconciliation_builds as (

    select
        organization_id,
        invocation_id,
        as_of_at,
        build_started_at,
        sum(records) as reconciled_records,
        sum(matches) as matches,
        sum(mismatches) as mismatches,
        sum(missing_in_warehouse) as missing_in_warehouse,
        sum(missing_in_source) as missing_in_source,
        sum(newer_at_source) as newer_at_source
    from {{ without_database(source('history', 'reconciliation_results')) }}
    group by organization_id, invocation_id, as_of_at, build_started_at

),

coverage_builds as (

    select * from {{ without_database(source('history', 'coverage_results')) }}

),

builds as (

    select
        'models' as subject,
        0 as organization_id,
        invocation_id,
        as_of_at,
        build_started_at
    from model_builds

    union all

    select
        'tests' as subject,
        0 as organization_id,
        invocation_id,
        as_of_at,
        build_started_at
    from test_builds

    union all

    select
        'reconciliation' as subject,
        organization_id,
        invocation_id,
        as_of_at,
        build_started_at
    from reconciliation_builds

    union all

    select
        'coverage' as subject,
        organization_id,
        invocation_id,
        as_of_at,
        build_started_at
    from coverage_builds

),

dated_builds as (

    select
        builds.*,
        {{ local_date('builds.as_of_at', 'organizations.time_zone') }} as as_of_on
    from builds
    inner join organizations
        on builds.organization_id = organizations.organization_id
    where builds.as_of_at is not null

),

ranked_builds as (

    select
        *,
        row_number() over (
            partition by subject, organization_id, as_of_on
            order by build_started_at desc, invocation_id desc
        ) as recency
    from dated_builds

),

days as (

    select
        organization_id,
        as_of_on,
        max(case when subject = 'models' then invocation_id end) as model_build_id,
        max(case when subject = 'tests' then invocation_id end) as test_build_id,
        max(case when subject = 'reconciliation' then invocation_id end)
            as reconciliation_build_id,
        max(case when subject = 'coverage' then invocation_id end) as coverage_build_id
    from ranked_builds
    where recency = 1
    group by organization_id, as_of_on

),

final as (

    select
        days.organization_id,
        days.as_of_on,
        model_builds.models,
        model_builds.models_failed,
        model_builds.models_skipped,
        test_builds.tests,
        test_builds.tests_passed,
        test_builds.tests_warned,
        test_builds.tests_failed,
        test_builds.tests_skipped,
        cast(test_builds.rows_warned as bigint) as rows_warned,
        cast(test_builds.rows_failed as bigint) as rows_failed,
        cast(reconciliation_builds.reconciled_records as bigint) as reconciled_records,
        cast(reconciliation_builds.matches as bigint) as matches,
        cast(reconciliation_builds.mismatches as bigint) as mismatches,
        cast(reconciliation_builds.missing_in_warehouse as bigint) as missing_in_warehouse,
        cast(reconciliation_builds.missing_in_source as bigint) as missing_in_source,
        cast(reconciliation_builds.newer_at_source as bigint) as newer_at_source,
        coverage_builds.work_orders,
        coverage_builds.work_orders_with_asset,
        coverage_builds.work_orders_with_location,
        coverage_builds.work_orders_with_due_date,
        coverage_builds.done_work_orders,
        coverage_builds.done_work_orders_with_logged_time,
        coverage_builds.work_orders_with_asset
        / nullif(coverage_builds.work_orders, 0) as asset_coverage,
        coverage_builds.work_orders_with_location
        / nullif(coverage_builds.work_orders, 0) as location_coverage,
        coverage_builds.work_orders_with_due_date
        / nullif(coverage_builds.work_orders, 0) as due_date_coverage,
        coverage_builds.done_work_orders_with_logged_time
        / nullif(coverage_builds.done_work_orders, 0) as logged_time_coverage
    from days
    left join model_builds
        on days.model_build_id = model_builds.invocation_id
    left join test_builds
        on days.test_build_id = test_builds.invocation_id
    left join reconciliation_builds
        on
            days.organization_id = reconciliation_builds.organization_id
            and days.reconciliation_build_id = reconciliation_builds.invocation_id
    left join coverage_builds
        on
            days.organization_id = coverage_builds.organization_id
            and days.coverage_build_id = coverage_builds.invocation_id

)

select * from final
