with

{% for list in list_names() %}
    {{ list }} as (

        select
            organization_id,
            id,
            _extracted_at,
            coalesce(
                lag(_operation || coalesce(_content_hash, '')) over (
                    partition by organization_id, id
                    order by _extracted_at
                ),
                'delete'
            ) as former,
            _operation || coalesce(_content_hash, '') as latter
        from {{ source('maintainx', list) }}

    ),
{% endfor %}

final as (

    {% for list in list_names() %}
        select
            '{{ list }}' as list_name,
            organization_id,
            id,
            _extracted_at
        from {{ list }}
        where former = latter
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
