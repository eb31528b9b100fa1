{#- A view, so that it shows the run log and the newest build as they are when it is read. -#}
{{ config(materialized='view') }}
{#- As `status` and the freshness of the sources say. #}
{%- set stale_days = 3 %}

with

runs as (

    select * from {{ without_database(source('maintainx', '_runs')) }}
    where
        ended_at is not null
        -- A retirement reads nothing, and the demo logs the time of its data.
        and state not in ('retired', 'demo')

),

walks as (

    select * from {{ without_database(source('maintainx', '_run_resources')) }}

),

reconciliations as (

    select * from {{ without_database(ref('rec_summary')) }}

),

model_runs as (

    select
        *,
        rank() over (order by build_started_at desc, invocation_id desc) as recency
    from {{ without_database(source('history', 'model_runs')) }}
    where is_whole

),

test_results as (

    select
        *,
        rank() over (order by build_started_at desc, invocation_id desc) as recency
    from {{ without_database(source('history', 'test_results')) }}
    where is_whole

),

ranked_runs as (

    select
        *,
        row_number() over (order by started_at desc, run_id desc) as recency
    from runs

),

-- An aggregate without groups returns one row even if nothing was ever extracted.
last_extract as (

    select max(ended_at) as ended_at
    from runs
    where state in ('done', 'partial')

),

last_build as (

    select max(build_started_at) as started_at
    from model_runs

),

last_models as (

    select * from model_runs
    where recency = 1

),

last_tests as (

    select * from test_results
    where recency = 1

),

ranked_walks as (

    select
        *,
        row_number() over (
            partition by organization_id, resource
            order by ended_at desc, started_at desc
        ) as recency,
        -- A list that was never read to its end counts as read at the epoch, so it is stale.
        coalesce(
            max(case when state = 'done' then ended_at end) over (
                partition by organization_id, resource
            ),
            {{ utc_timestamp_literal('1970-01-01 00:00:00') }}
        ) as last_success_at,
        first_value(run_id) over (
            partition by organization_id, resource
            order by ended_at desc, started_at desc
        ) as last_run_id,
        max(case when state in ('done', 'refused') and walk = 'whole' then ended_at end) over (
            partition by organization_id, resource
        ) as last_whole_at,
        first_value(state) over (
            partition by organization_id, resource
            order by ended_at desc, started_at desc
        ) as last_state,
        -- The newest row of an organization that the key no longer sees says so.
        first_value(state) over (
            partition by organization_id
            order by ended_at desc, started_at desc
        ) = 'unseen' as is_unseen
    from walks

),

unseen_organizations as (

    select
        organization_id,
        error
    from ranked_walks
    where
        recency = 1
        and is_unseen
        and state = 'unseen'

),

expected_walks as (

    select * from ranked_walks
    where
        last_state != 'retired'
        and not is_unseen

),

lists as (

    select
        resource,
        max(case when state in ('failed', 'refused') then 1 else 0 end) = 1 as has_failed,
        max(case when state in ('failed', 'refused') then error end) as error,
        max(case when state not in ('failed', 'refused', 'forbidden') then 1 else 0 end) = 1
            as is_readable,
        min(
            case
                when state not in ('failed', 'refused', 'forbidden')
                    then last_success_at
            end
        ) as last_success_at
    from expected_walks
    where recency = 1
    group by resource

),

-- Rejected records stay missing until a full refresh rejects none.
partial_lists as (

    select
        resource,
        max(coalesce(error, cast(rejected as string) || ' records were rejected')) as error
    from expected_walks
    where
        state = 'done'
        and (
            (run_id = last_run_id and error is not null)
            or (rejected > 0 and ended_at >= coalesce(last_whole_at, ended_at))
        )
    group by resource

),

compared_lists as (

    select
        resource,
        sum(records) as records,
        sum(mismatches + missing_in_warehouse + missing_in_source) as differences,
        max(case when state = 'failed' then 1 else 0 end) = 1 as has_failed
    from reconciliations
    group by resource

),

alerts as (

    select
        'extract_' || state as rule_name,
        case when state = 'failed' then 'error' else 'warn' end as severity,
        run_id as subject,
        case
            when state = 'failed'
                then
                    'the last extract failed: ' || coalesce(error, 'no reason was logged')
                    || '; run `make extract` again'
            else 'the last extract was stopped: `make extract` resumes it'
        end as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from ranked_runs
    where
        recency = 1
        and state in ('failed', 'stopped')

    union all

    select
        'organization_unseen' as rule_name,
        'error' as severity,
        cast(organization_id as string) as subject,
        error as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from unseen_organizations

    union all

    select
        'nothing_extracted' as rule_name,
        'error' as severity,
        'extract' as subject,
        'nothing was extracted for three days: run `make extract`' as message,
        {{ add_time('day', stale_days, 'ended_at') }} as fires_at,
        cast(null as timestamp) as fires_until
    from last_extract

    union all

    -- Active until that time has passed.
    select
        'clock_ahead' as rule_name,
        'error' as severity,
        'extract' as subject,
        'the newest extract ended in the future, because a clock was ahead: correct the clock, and'
        || ' build with the var as_of until then' as message,
        cast(null as timestamp) as fires_at,
        ended_at as fires_until
    from last_extract
    where ended_at is not null

    union all

    select
        'list_not_read' as rule_name,
        'error' as severity,
        resource as subject,
        resource || ': the last attempt to read it failed: '
        || coalesce(error, 'no reason was logged') || '; run `make extract` again' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from lists
    where has_failed

    union all

    select
        'list_partial' as rule_name,
        'error' as severity,
        resource as subject,
        resource || ': not all of it was loaded: ' || error as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from partial_lists

    union all

    -- Active until nothing_extracted reports all lists in one alert.
    select
        'list_stale' as rule_name,
        'error' as severity,
        lists.resource as subject,
        lists.resource || ': not read to its end for three days: run `make extract`,'
        || ' or `python -m loaders retire` if MaintainX no longer shows it to the key' as message,
        {{ add_time('day', stale_days, 'lists.last_success_at') }} as fires_at,
        {{ add_time('day', stale_days, 'last_extract.ended_at') }} as fires_until
    from lists
    cross join last_extract
    where
        lists.is_readable
        and lists.last_success_at < last_extract.ended_at

    union all

    select
        'differs_from_maintainx' as rule_name,
        'error' as severity,
        resource as subject,
        resource || ': ' || cast(differences as string) || ' of ' || cast(records as string)
        || ' records differ from MaintainX; run `python -m loaders reconcile --mend`, then'
        || ' `make build`' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from compared_lists
    where differences > 0

    union all

    select
        'reconciliation_failed' as rule_name,
        'error' as severity,
        resource as subject,
        resource || ': the reconciliation could not read it; run `python -m loaders reconcile`'
        || ' again' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from compared_lists
    where has_failed

    union all

    select
        'never_reconciled' as rule_name,
        'warn' as severity,
        'reconciliation' as subject,
        'never reconciled: `python -m loaders reconcile` compares the warehouse with MaintainX'
            as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from last_extract
    where not exists (select 1 from reconciliations)

    union all

    select
        'not_built' as rule_name,
        'error' as severity,
        'build' as subject,
        case
            when started_at is null then 'never built: run `make build`'
            else 'not built for three days: run `make build`'
        end as message,
        {{ add_time('day', stale_days, 'started_at') }} as fires_at,
        cast(null as timestamp) as fires_until
    from last_build

    union all

    select
        'model_failed' as rule_name,
        'error' as severity,
        node_name as subject,
        node_name || ': dbt could not build it, its table is from an earlier build; see'
        || ' quality.model_runs' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from last_models
    where status = 'error'

    union all

    select
        'models_skipped' as rule_name,
        'error' as severity,
        'build' as subject,
        cast(count(*) as string) || ' models were not built, because a model or test before them'
        || ' failed; fix that, then run `make build`' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from last_models
    where status = 'skipped'
    having count(*) > 0

    union all

    select
        'test_failed' as rule_name,
        'error' as severity,
        node_name as subject,
        node_name || ': the test '
        || case
            when status = 'error' then 'could not be run; see quality.test_results'
            else
                'found ' || {{ counted('rows_failing', 'row') }} || '; see '
                || coalesce(failing_rows_table, 'quality.test_results')
        end as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from last_tests
    where status in ('fail', 'error')

    union all

    select
        'tests_warned' as rule_name,
        'warn' as severity,
        'build' as subject,
        {{ counted('count(*)', 'test') }} || ' warned, about '
        || {{ counted('coalesce(sum(rows_failing), 0)', 'row') }}
        || '; see quality.dq_findings and the schema test_failures' as message,
        cast(null as timestamp) as fires_at,
        cast(null as timestamp) as fires_until
    from last_tests
    where status = 'warn'
    having count(*) > 0

),

final as (

    select * from alerts

)

select * from final
