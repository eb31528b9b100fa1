with

versions as (

    select * from {{ ref('stg_maintainx__user_versions') }}

),

{{ slow_changes('versions', 'user_id', [
    'first_name',
    'last_name',
    'email',
    'phone_number',
    'role',
    'auth_type',
    'hourly_rate_cents',
    'extra_fields',
    'is_deleted',
]) }},

final as (

    select
        versions.organization_id,
        versions.user_id,
        row_number() over (
            partition by versions.organization_id, versions.user_id
            order by versions.valid_from
        ) as version_number,
        {{ full_name('versions.first_name', 'versions.last_name') }} as full_name,
        versions.email,
        versions.phone_number,
        versions.role,
        versions.auth_type,
        {{ to_amount("versions.hourly_rate_cents / 100") }} as hourly_rate,
        versions.is_deleted,
        versions.valid_to is null as is_current,
        versions.valid_from,
        versions.valid_to,
        versions.extra_fields as custom_fields
    from slow_changes as versions

)

select * from final
