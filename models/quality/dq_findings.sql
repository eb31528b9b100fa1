{%- set checks = [
    'blank_names',
    'duplicates',
    'future_dates',
    'hierarchy_cycles',
    'negative_durations',
    'open_orders_of_removed_users',
    'orphans',
    'unknown_values',
] -%}

with

findings as (

    {% for check in checks %}
        select
            organization_id,
            '{{ check }}' as check_name,
            list_name,
            record_id,
            field,
            found_value
        from {{ ref('check_' ~ check) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        organization_id,
        check_name,
        list_name,
        record_id,
        field,
        found_value,
        {{ list_url('list_name', 'record_id') }} as record_url
    from findings

)

select * from final
