with

parts as (

    select
        *,
        {{
            parse_json('committed_quantities', {
                'reserved': 'integer',
                'kitted': 'integer',
                'staged': 'integer',
            })
        }} as committed
    from {{ ref('stg_maintainx__parts') }}

),

final as (

    select
        organization_id,
        part_id,
        location_id,
        name as part_name,
        description,
        barcode,
        area,
        {{ to_amount('unit_cost_cents / 100') }} as unit_cost,
        available_quantity,
        in_stock_quantity,
        minimum_quantity,
        maximum_quantity,
        ordered_quantity,
        coalesce(committed.reserved, reserved_quantity) as reserved_quantity,
        committed.kitted as kitted_quantity,
        committed.staged as staged_quantity,
        assigned_quantity,
        is_deleted,
        created_at,
        updated_at,
        part_types,
        extra_fields as custom_fields
    from parts

)

select * from final
