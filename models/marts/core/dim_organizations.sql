with

organizations as (

    select * from {{ ref('stg_maintainx__organizations') }}

),

final as (

    select
        organization_id,
        name as organization_name,
        case when {{ is_time_zone('time_zone') }} then time_zone else 'UTC' end as time_zone,
        currency,
        is_deleted
    from organizations

)

select * from final
