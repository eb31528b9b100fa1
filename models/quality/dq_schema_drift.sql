with

known_keys as (

    select * from {{ ref('known_keys') }}

),

keys_of_rows as (

    {% for list in list_names() %}
        select
            '{{ list }}' as list_name,
            {{ json_key_list('payload') }} as keys,
            id,
            _extracted_at,
            _run_id as run_id
        from {{ source('maintainx', list) }}
        where _operation = 'upsert'
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

rows_of_the_log as (

    select
        list_name,
        keys,
        run_id,
        max(id) as example_id,
        count(*) as row_count,
        min(_extracted_at) as first_seen_at,
        max(_extracted_at) as last_seen_at
    from keys_of_rows
    group by list_name, keys, run_id

),

dated_runs as (

    select
        *,
        max(last_seen_at) over (partition by list_name, run_id) as run_seen_at
    from rows_of_the_log

),

newest_runs as (

    select
        *,
        rank() over (partition by list_name order by run_seen_at desc) = 1 as is_newest_run
    from dated_runs

),

sums as (

    select
        list_name,
        sum(case when is_newest_run then row_count else 0 end) as newest_rows,
        sum(case when is_newest_run then 0 else row_count end) as former_rows
    from newest_runs
    group by list_name

),

found_keys as (

    select
        newest_runs.list_name,
        found_key as key,
        max(newest_runs.example_id) as example_id,
        sum(newest_runs.row_count) as row_count,
        sum(case when newest_runs.is_newest_run then newest_runs.row_count else 0 end)
            as newest_rows,
        sum(case when newest_runs.is_newest_run then 0 else newest_runs.row_count end)
            as former_rows,
        min(newest_runs.first_seen_at) as first_seen_at,
        max(newest_runs.last_seen_at) as last_seen_at
    from {{ json_elements('newest_runs', json_from_text('keys'), 'text', 'found_key') }}
    group by newest_runs.list_name, found_key

),

unknown as (

    select
        found_keys.list_name,
        found_keys.key,
        'unknown' as drift,
        found_keys.example_id,
        cast(found_keys.row_count as bigint) as row_count,
        found_keys.first_seen_at,
        found_keys.last_seen_at
    from found_keys
    left join known_keys
        on
            found_keys.list_name = known_keys.list_name
            and found_keys.key = known_keys.key
    where known_keys.key is null

),

vanished as (

    select
        known_keys.list_name,
        known_keys.key,
        'vanished' as drift,
        found_keys.example_id,
        cast(coalesce(found_keys.row_count, 0) as bigint) as row_count,
        found_keys.first_seen_at,
        found_keys.last_seen_at
    from known_keys
    inner join sums
        on known_keys.list_name = sums.list_name
    left join found_keys
        on
            known_keys.list_name = found_keys.list_name
            and known_keys.key = found_keys.key
    where
        coalesce(found_keys.newest_rows, 0) = 0
        and (
            known_keys.is_always_sent
            or (sums.former_rows > 0 and found_keys.former_rows = sums.former_rows)
        )

),

final as (

    select * from unknown

    union all

    select * from vanished

)

select * from final
