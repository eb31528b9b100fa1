with

deletions as (

    select * from {{ ref('fct_work_order_deletions') }}
    where is_still_deleted

),

final as (

    select
        coalesce(staged.organization_id, deletions.organization_id) as organization_id,
        coalesce(staged.work_order_id, deletions.work_order_id) as work_order_id,
        staged.is_deleted,
        deletions.deletion_number
    from {{ ref('stg_maintainx__work_orders') }} as staged
    full join deletions
        on
            staged.organization_id = deletions.organization_id
            and staged.work_order_id = deletions.work_order_id
    where
        coalesce(staged.is_deleted and coalesce(staged.deleted_at <= {{ as_of() }}, true), false)
        != (deletions.deletion_number is not null)

)

select * from final
