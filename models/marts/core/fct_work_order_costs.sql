with

entries as (

    select * from {{ ref('int_work_orders__cost_entries') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

final as (

    select
        entries.organization_id,
        entries.work_order_id,
        entries.entry_number,
        entries.entry_type,
        entries.user_id,
        entries.part_id,
        entries.description,
        organizations.currency,
        cast(entries.seconds as {{ type_double() }}) / 3600 as hours,
        {{ to_number('entries.quantity') }} as quantity,
        entries.unit_cost,
        entries.amount
    from entries
    left join organizations
        on entries.organization_id = organizations.organization_id

)

select * from final
