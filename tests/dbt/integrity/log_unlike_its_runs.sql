{{ config(severity='warn') }}

with

rows_of_the_log as (

    {% for list in list_names() %}
        select
            '{{ list }}' as resource,
            organization_id,
            _run_id as run_id,
            count(case when _operation = 'upsert' then 1 end) as written,
            count(case when _operation = 'delete' then 1 end) as deleted
        from {{ source('maintainx', list) }}
        group by organization_id, _run_id
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

told as (

    select
        resource,
        organization_id,
        run_id,
        sum(inserted + updated) as written,
        sum(deleted) as deleted
    from {{ ref('stg_maintainx__run_resources') }}
    where state in ('done', 'refused', 'retired')
    group by resource, organization_id, run_id

),

final as (

    select
        coalesce(told.resource, rows_of_the_log.resource) as resource,
        coalesce(told.organization_id, rows_of_the_log.organization_id) as organization_id,
        coalesce(told.run_id, rows_of_the_log.run_id) as run_id,
        told.written as told_written,
        rows_of_the_log.written as found_written,
        told.deleted as told_deleted,
        rows_of_the_log.deleted as found_deleted
    from told
    full join rows_of_the_log
        on
            told.resource = rows_of_the_log.resource
            and told.organization_id = rows_of_the_log.organization_id
            and told.run_id = rows_of_the_log.run_id
    where
        coalesce(told.written, 0) != coalesce(rows_of_the_log.written, 0)
        or coalesce(told.deleted, 0) != coalesce(rows_of_the_log.deleted, 0)

)

select * from final
