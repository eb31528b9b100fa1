{#- A part in an order keeps the name that it had there, and a history the names of its time. -#}
{%- set labels = [
    ('site_location_id', 'site_name', 'int_locations__sites', 'site_location_id'),
    ('site_location_id', 'site_label', 'int_locations__sites', 'site_location_id'),
    ('location_id', 'site_name', 'dim_locations', 'location_id'),
    ('location_id', 'site_label', 'dim_locations', 'location_id'),
    ('location_id', 'location_name', 'dim_locations', 'location_id'),
    ('location_id', 'location_path', 'dim_locations', 'location_id'),
    ('asset_id', 'asset_name', 'dim_assets', 'asset_id'),
    ('meter_id', 'meter_name', 'dim_meters', 'meter_id'),
    ('part_id', 'part_name', 'dim_parts', 'part_id'),
    ('vendor_id', 'vendor_name', 'dim_vendors', 'vendor_id'),
] -%}
{%- set relations = marts() -%}
{%- do relations.update({'int_locations__sites': ref('int_locations__sites')}) -%}
{%- set copies = [] -%}
{%- for mart, column in mart_columns('^site_name$', ['string']) -%}
    {%- if (mart, 'site_label') not in mart_columns('^site_label$', ['string']) -%}
        {%- do exceptions.raise_compiler_error(mart ~ ' has a site_name without a site_label') -%}
    {%- endif -%}
{%- endfor -%}
{%- for mart, column in mart_columns('_name$|_path$|_label$', ['string']) -%}
    {%- for key, label, dimension, id in labels
        if label == column and dimension != mart
        and not mart.endswith('_history') and mart != 'fct_work_order_parts' -%}
        {%- if (mart, key) in mart_columns('_id$', ['bigint']) -%}
            {%- do copies.append((mart, key, label, dimension, id)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}

with

assignees as (

    select distinct
        organization_id,
        assignee_type,
        assignee_id,
        assignee_name
    from {{ ref('bridge_work_order_assignees') }}

),

final as (

    {% for mart, key, label, dimension, id in copies %}
        select
            '{{ mart }}' as mart,
            marts.organization_id,
            cast(marts.{{ key }} as string) as id,
            '{{ label }}' as column_name,
            marts.{{ label }} as found,
            dimensions.{{ label }} as expected
        from {{ relations[mart] }} as marts
        left join {{ relations[dimension] }} as dimensions
            on
                marts.organization_id = dimensions.organization_id
                and marts.{{ key }} = dimensions.{{ id }}
        where
            coalesce(marts.{{ label }}, '') != coalesce(dimensions.{{ label }}, '')
            {{ 'or marts.location_path is null' if label == 'location_path' }}

        union all

    {% endfor %}
    {# An asset of no list has no path, and the path of a listed one is that of its location. #}
    {% for mart in [
        'mart_asset_reliability_monthly',
        'mart_bad_actors',
        'mart_cost_vs_replacement',
        'mart_downtime_reasons',
    ] %}
        select
            '{{ mart }}' as mart,
            marts.organization_id,
            cast(marts.asset_id as string) as id,
            'location_path' as column_name,
            marts.location_path as found,
            assets.location_path as expected
        from {{ ref(mart) }} as marts
        left join {{ ref('dim_assets') }} as assets
            on
                marts.organization_id = assets.organization_id
                and marts.asset_id = assets.asset_id
        where marts.location_path is distinct from coalesce(assets.location_path, '')

        union all

    {% endfor %}
    select
        'mart_workload_weekly' as mart,
        loads.organization_id,
        loads.assignee_id as id,
        'assignee_name' as column_name,
        loads.assignee_name as found,
        assignees.assignee_name as expected
    from {{ ref('mart_workload_weekly') }} as loads
    left join assignees
        on
            loads.organization_id = assignees.organization_id
            and loads.assignee_type = assignees.assignee_type
            and loads.assignee_id = assignees.assignee_id
    where loads.assignee_name is distinct from assignees.assignee_name

)

select * from final
