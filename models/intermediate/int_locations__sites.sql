with

paths as (

    select * from {{ ref('int_locations__paths') }}

),

organizations as (

    select * from {{ ref('stg_maintainx__organizations') }}

),

sites as (

    select distinct
        organization_id,
        site_location_id,
        site_name
    from paths

),

{# Tools for reports ignore case and blanks at the ends, so these do not tell two names apart. #}
named as (

    select
        sites.*,
        {{ name_or_else('organizations.name', 'sites.organization_id') }} as organization_name,
        count(*) over (partition by lower({{ trimmed('sites.site_name') }})) as sites_of_the_name
    from sites
    left join organizations
        on sites.organization_id = organizations.organization_id

),

with_organization as (

    select
        *,
        case
            when sites_of_the_name = 1 then site_name
            else {{ trimmed('site_name') }} || ' (' || {{ trimmed('organization_name') }} || ')'
        end as label
    from named

),

counted as (

    select
        *,
        count(*) over (partition by lower({{ trimmed('label') }})) as sites_of_the_label
    from with_organization

),

final as (

    select
        organization_id,
        site_location_id,
        site_name,
        case
            when sites_of_the_label = 1 then label
            else
                label
                || ' '
                || cast(organization_id as string)
                || '/'
                || cast(site_location_id as string)
        end as site_label
    from counted

)

select * from final
