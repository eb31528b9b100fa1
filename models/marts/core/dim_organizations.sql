with

organizations as (

    select * from {{ ref('stg_maintainx__organizations') }}

),

zoned as (

    select * from {{ ref('int_organizations__zoned') }}

),

final as (

    select
        organizations.organization_id,
        organizations.name as organization_name,
        zoned.time_zone,
        organizations.currency,
        organizations.date_format_locale,
        organizations.is_deleted,
        zoned.as_of_on,
        zoned.as_of_at
    from organizations
    inner join zoned
        on organizations.organization_id = zoned.organization_id

)

select * from final
