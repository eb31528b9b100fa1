{%- set marts = [
    ('dim_organizations', 'organizations', 'organization_id'),
    ('dim_locations', 'locations', 'location_id'),
    ('dim_assets', 'assets', 'asset_id'),
    ('dim_users', 'users', 'user_id'),
    ('dim_teams', 'teams', 'team_id'),
    ('dim_vendors', 'vendors', 'vendor_id'),
    ('dim_parts', 'parts', 'part_id'),
    ('dim_categories', 'categories', 'category_id'),
    ('fct_work_requests', 'work_requests', 'work_request_id'),
] -%}

with

staged as (

    {% for mart, list, id in marts %}
        select
            '{{ mart }}' as mart,
            organization_id,
            {{ id }} as id
        from {{ ref('stg_maintainx__' ~ list) }}
        {% if mart.startswith('fct_') %}
            where
                not is_deleted
                and coalesce(created_at <= {{ as_of() }}, true)
        {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

mart_records as (

    {% for mart, list, id in marts %}
        select
            '{{ mart }}' as mart,
            organization_id,
            {{ id }} as id
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{{ differences('staged', 'mart_records') }}

select * from final
