with

final as (

    {% for list, id, field in [
        ('assets', 'asset_id', 'asset_path'),
        ('locations', 'location_id', 'location_path'),
    ] %}
        select
            organization_id,
            '{{ list }}' as list_name,
            {{ id }} as record_id,
            '{{ field }}' as field,
            {{ field }} as found_value
        from {{ ref('int_' ~ list ~ '__paths') }}
        where is_in_cycle
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
