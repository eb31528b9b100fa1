{%- set lists = [
    ('work_orders', 'work_order_id'),
    ('assets', 'asset_id'),
    ('asset_statuses', 'asset_status_id'),
    ('locations', 'location_id'),
    ('parts', 'part_id'),
    ('work_requests', 'work_request_id'),
    ('purchase_orders', 'purchase_order_id'),
] -%}

with

log as (

    {% for list, id in lists %}
        select
            '{{ list }}' as list_name,
            organization_id,
            id,
            source_updated_at,
            row_number() over (
                partition by organization_id, id
                order by _extracted_at desc
            ) as recency
        from {{ source('maintainx', list) }}
        where _operation = 'upsert'
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

staged as (

    {% for list, id in lists %}
        select
            '{{ list }}' as list_name,
            organization_id,
            {{ id }} as id,
            updated_at
        from {{ ref('stg_maintainx__' ~ list) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        staged.list_name,
        staged.organization_id,
        staged.id,
        log.source_updated_at,
        staged.updated_at
    from staged
    inner join log
        on
            staged.list_name = log.list_name
            and staged.organization_id = log.organization_id
            and staged.id = log.id
            and log.recency = 1
    where staged.updated_at != log.source_updated_at

)

select * from final
