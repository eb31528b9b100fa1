{{ incremental_by_key("stamps_of_models([ref('int_work_orders__versions')])") }}

with

versions as (

    select * from {{ touched(ref('int_work_orders__versions')) }}

),

stated as (

    select
        *,
        coalesce(
            lag(valid_from) over (
                partition by organization_id, work_order_id
                order by version_number
            ),
            created_at
        ) as former_valid_from,
        lag(completed_at) over (
            partition by organization_id, work_order_id
            order by version_number
        ) as former_completed_at
    from versions

),

judged as (

    select
        *,
        coalesce(
            completed_at is distinct from former_completed_at
            and (former_valid_from is null or completed_at >= former_valid_from)
            and completed_at <= valid_from,
            false
        ) as has_new_completion
    from stated

),

creations as (

    select
        organization_id,
        work_order_id,
        version_number,
        1 as step,
        'OPEN' as status,
        'reconstructed' as evidence,
        created_at as happened_at
    from judged
    where
        version_number = 1
        and created_at <= valid_from

),

completions as (

    select
        organization_id,
        work_order_id,
        version_number,
        2 as step,
        'DONE' as status,
        case when version_number > 1 and status = 'DONE' then 'observed' else 'reconstructed' end
            as evidence,
        completed_at as happened_at
    from judged
    where has_new_completion

),

states as (

    select
        organization_id,
        work_order_id,
        version_number,
        3 as step,
        status,
        case when version_number = 1 then 'first_observed' else 'observed' end as evidence,
        valid_from as happened_at
    from judged

),

final as (

    select * from creations
    union all
    select * from completions
    union all
    select * from states

)

select * from final
