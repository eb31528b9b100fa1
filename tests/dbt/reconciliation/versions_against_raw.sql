{%- set histories = [
    ('work_orders', 'stg_maintainx__work_orders', 'int_work_orders__versions', 'work_order_id'),
    ('assets', 'stg_maintainx__assets', 'dim_assets_history', 'asset_id'),
    ('parts', 'stg_maintainx__parts', 'dim_parts_history', 'part_id'),
    ('users', 'stg_maintainx__users', 'dim_users_history', 'user_id'),
] -%}

with

first_readings as (

    select
        organization_id,
        id,
        min(_extracted_at) as first_read_at
    from {{ source('maintainx', 'work_orders') }}
    where _operation = 'upsert'
    group by organization_id, id

),

rows_of_the_log as (

    select
        log.organization_id,
        log.id,
        count(*) as row_count
    from {{ source('maintainx', 'work_orders') }} as log
    inner join first_readings
        on
            log.organization_id = first_readings.organization_id
            and log.id = first_readings.id
            and log._extracted_at >= first_readings.first_read_at
    group by log.organization_id, log.id

),

versions as (

    select
        organization_id,
        work_order_id,
        count(*) as version_count
    from {{ ref('int_work_orders__versions') }}
    group by organization_id, work_order_id

),

{% for list, staged, history, id in histories %}
    newest_{{ list }} as (

        select * from {{ ref(history) }}
        where is_current

    ),

    unlike_{{ list }} as (

        select
            '{{ history }}' as history,
            coalesce(staged.organization_id, versions.organization_id) as organization_id,
            coalesce(staged.{{ id }}, versions.{{ id }}) as id,
            cast(staged.is_deleted as string) as expected,
            cast(versions.is_deleted as string) as found
        from {{ ref(staged) }} as staged
        full join newest_{{ list }} as versions
            on
                staged.organization_id = versions.organization_id
                and staged.{{ id }} = versions.{{ id }}
        where staged.is_deleted is distinct from versions.is_deleted

    ),
{% endfor %}

final as (

    select
        'int_work_orders__versions' as history,
        coalesce(rows_of_the_log.organization_id, versions.organization_id) as organization_id,
        coalesce(rows_of_the_log.id, versions.work_order_id) as id,
        cast(rows_of_the_log.row_count as string) as expected,
        cast(versions.version_count as string) as found
    from rows_of_the_log
    full join versions
        on
            rows_of_the_log.organization_id = versions.organization_id
            and rows_of_the_log.id = versions.work_order_id
    where rows_of_the_log.row_count is distinct from versions.version_count

    {% for list, _, _, _ in histories %}
        union all
        select * from unlike_{{ list }}
    {% endfor %}

)

select * from final
