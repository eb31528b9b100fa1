with

ranked_parts as (

    select
        parts.organization_id,
        coalesce(locations.site_location_id, 0) as site_location_id,
        parts.part_name,
        parts.location_path,
        parts.available_quantity,
        parts.minimum_quantity,
        parts.on_order_quantity,
        parts.used_quantity_12m,
        greatest(
            parts.minimum_quantity - parts.available_quantity - coalesce(parts.on_order_quantity, 0), 0
        ) as to_order_quantity,
        parts.days_out_of_stock,
        parts.days_below_minimum,
        row_number() over of_site as place,
        count(*) over (partition by parts.organization_id, locations.site_location_id) as rows_in_all
    from marts.mart_parts_health as parts
    left join marts.dim_locations as locations using (organization_id, location_id)
    where parts.is_below_minimum
    window
        of_site as (
            partition by parts.organization_id, locations.site_location_id
            order by
                parts.minimum_quantity
                - parts.available_quantity
                - coalesce(parts.on_order_quantity, 0) desc,
                parts.part_id,
                parts.location_id
        )

)

select * exclude (place) from ranked_parts
where place <= 100
