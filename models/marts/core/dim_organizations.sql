with

organizations as (

    select * from {{ ref('stg_maintainx__organizations') }}

),

zoned as (

    select
        *,
        case when {{ is_time_zone('time_zone') }} then time_zone else 'UTC' end as known_time_zone,
        {{ as_of() }} as as_of_at
    from organizations

),

final as (

    select
        organization_id,
        name as organization_name,
        known_time_zone as time_zone,
        currency,
        is_deleted,
        {{ local_date('as_of_at', 'known_time_zone') }} as as_of_on,
        as_of_at
    from zoned

)

select * from final
