with

entries as (

    select * from {{ ref('int_work_orders__cost_entries') }}

),

final as (

    select
        organization_id,
        work_order_id,
        cast(coalesce(sum(seconds), 0) as {{ type_double() }}) / 3600 as logged_hours,
        {{ to_amount("coalesce(sum(case when entry_type = 'TIME' then amount end), 0)") }}
            as labour_cost,
        {{ to_amount("coalesce(sum(case when entry_type = 'PART' then amount end), 0)") }}
            as parts_cost,
        {{ to_amount(
            "coalesce(sum(case when entry_type not in ('TIME', 'PART') then amount end), 0)"
        ) }} as other_cost,
        {{ to_amount('coalesce(sum(amount), 0)') }} as total_cost,
        count(amount) > 0 as has_cost
    from entries
    group by organization_id, work_order_id

)

select * from final
