with

followed as (

    select
        *,
        lead(from_on) over (
            partition by organization_id, work_order_id
            order by from_on
        ) as next_from_on
    from {{ ref('fct_work_order_days') }}

)

select * from followed
where
    next_from_on is distinct from {{ add_days('to_on', 1) }}
    or to_on < from_on
