with

manifest as (

    select * from {{ ref('stg_maintainx__source_manifest') }}
    where resource = 'work_orders'

),

readings as (

    select * from {{ ref('int_reconciliations__newest') }}
    where
        resource = 'work_orders'
        and state = 'done'

),

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

at_source as (

    select
        manifest.organization_id,
        manifest.record_id,
        manifest.source_updated_at,
        manifest.read_at,
        {{ parse_json('manifest.payload', reconciled_shape()) }} as record
    from manifest
    inner join readings
        on
            manifest.organization_id = readings.organization_id
            and manifest.run_id = readings.run_id

),

live_at_source as (

    select * from at_source
    where record.deletedAt is null

),

in_warehouse as (

    select
        work_orders.*,
        readings.ended_at as reading_ended_at
    from work_orders
    inner join readings
        on work_orders.organization_id = readings.organization_id

),

pairs as (

    select
        coalesce(at_source.organization_id, in_warehouse.organization_id) as organization_id,
        coalesce(at_source.record_id, in_warehouse.work_order_id) as work_order_id,
        at_source.record_id is not null as is_at_source,
        coalesce(not in_warehouse.is_deleted, false) as is_in_warehouse,
        at_source.source_updated_at,
        in_warehouse.updated_at as warehouse_updated_at,
        coalesce(
            in_warehouse.extracted_at > coalesce(at_source.read_at, in_warehouse.reading_ended_at)
            and (
                at_source.record_id is null
                or in_warehouse.is_deleted
                or in_warehouse.updated_at > at_source.source_updated_at
            ),
            false
        ) as is_seen_since,
        {%- for column, key in var('reconciled_fields').items() %}
            {% if column.endswith('_at') -%}
                {{ timestamp_text(to_utc_timestamp('at_source.record.' ~ adapter.quote(key))) }}
            {%- else -%}
                at_source.record.{{ adapter.quote(key) }}
            {%- endif %} as source_{{ column }},
            {{ comparable_text('in_warehouse', column) }} as warehouse_{{ column }},
        {%- endfor %}
        in_warehouse.extracted_at
    from live_at_source as at_source
    full join in_warehouse
        on
            at_source.organization_id = in_warehouse.organization_id
            and at_source.record_id = in_warehouse.work_order_id

),

compared as (

    select
        pairs.*,
        readings.run_id,
        coalesce(pairs.source_updated_at > readings.watermark, false) as is_past_watermark
    from pairs
    inner join readings
        on pairs.organization_id = readings.organization_id
    where
        pairs.is_at_source
        or pairs.is_in_warehouse

),

differing as (

    select
        *,
        (source_updated_at is distinct from warehouse_updated_at) as is_of_another_time,
        (
            {%- for column in var('reconciled_fields') %}
                source_{{ column }} is distinct from warehouse_{{ column }}
                {{ 'or' if not loop.last }}
            {%- endfor %}
        ) as is_different
    from compared

),

judged as (

    select
        *,
        case
            when is_seen_since then 'match'
            when not is_at_source then 'missing_in_source'
            when is_past_watermark and (not is_in_warehouse or is_of_another_time)
                then 'newer_at_source'
            when not is_in_warehouse then 'missing_in_warehouse'
            when is_different then 'mismatch'
            else 'match'
        end as result
    from differing

),

final as (

    select
        organization_id,
        work_order_id,
        run_id,
        result,
        '' as field,
        cast(null as string) as source_value,
        cast(null as string) as warehouse_value,
        {{ list_url("'work_orders'", 'work_order_id') }} as work_order_url,
        source_updated_at,
        warehouse_updated_at
    from judged
    where result != 'mismatch'

    {% for column in var('reconciled_fields') %}
        union all

        select
            organization_id,
            work_order_id,
            run_id,
            result,
            '{{ column }}' as field,
            source_{{ column }} as source_value,
            warehouse_{{ column }} as warehouse_value,
            {{ list_url("'work_orders'", 'work_order_id') }} as work_order_url,
            source_updated_at,
            warehouse_updated_at
        from judged
        where
            result = 'mismatch'
            and source_{{ column }} is distinct from warehouse_{{ column }}
    {% endfor %}

)

select * from final
