with

final as (

    select
        'dim_users.hourly_rate' as amount,
        users.organization_id,
        users.user_id as id,
        users.hourly_rate as mart_units,
        staged.hourly_rate_cents as staged_cents
    from {{ ref('dim_users') }} as users
    inner join {{ ref('stg_maintainx__users') }} as staged
        on
            users.organization_id = staged.organization_id
            and users.user_id = staged.user_id
    where
        users.hourly_rate * 100 is distinct from staged.hourly_rate_cents
        and coalesce(staged.hourly_rate_cents between -1e15 and 1e15, true)

    union all

    select
        'dim_parts.unit_cost' as amount,
        parts.organization_id,
        parts.part_id as id,
        parts.unit_cost as mart_units,
        staged.unit_cost_cents as staged_cents
    from {{ ref('dim_parts') }} as parts
    inner join {{ ref('stg_maintainx__parts') }} as staged
        on
            parts.organization_id = staged.organization_id
            and parts.part_id = staged.part_id
    where
        parts.unit_cost * 100 is distinct from staged.unit_cost_cents
        and coalesce(staged.unit_cost_cents between -1e15 and 1e15, true)

)

select * from final
