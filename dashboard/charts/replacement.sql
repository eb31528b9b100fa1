with

ranked_assets as (

    select
        organization_id,
        coalesce(site_location_id, 0) as site_location_id,
        organization_id || '-' || asset_id || '|' || coalesce(asset_name, 'No name') as asset,
        location_path,
        currency,
        cost_12m,
        purchase_price,
        cost_share,
        orders_12m,
        orders_with_cost_12m,
        row_number() over of_site as place,
        count(*) over (partition by organization_id, site_location_id) as rows_in_all
    from marts.mart_cost_vs_replacement
    where has_purchase_price
    window
        of_site as (
            partition by organization_id, site_location_id
            order by cost_share desc nulls last, asset_id
        )

)

select * exclude (place) from ranked_assets
where place <= 15
