with

organizations as (

    select * from {{ ref('stg_maintainx__organizations') }}

),

zoned as (

    select
        organization_id,
        case when {{ is_time_zone('time_zone') }} then time_zone else 'UTC' end as time_zone,
        {{ as_of() }} as as_of_at
    from organizations

),

final as (

    select
        organization_id,
        time_zone,
        {{ local_date('as_of_at', 'time_zone') }} as as_of_on,
        as_of_at
    from zoned

)

select * from final
