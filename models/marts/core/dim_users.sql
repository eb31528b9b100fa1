with

users as (

    select * from {{ ref('stg_maintainx__users') }}

),

final as (

    select
        organization_id,
        user_id,
        {{ full_name('first_name', 'last_name') }} as full_name,
        first_name,
        last_name,
        email,
        phone_number,
        role,
        auth_type,
        {{ to_amount('hourly_rate_cents / 100') }} as hourly_rate,
        is_deleted,
        last_visited_at,
        extra_fields as custom_fields
    from users

)

select * from final
