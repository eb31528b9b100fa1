with

log as (

    {% for list in list_names() %}
        select
            '{{ list }}' as list_name,
            organization_id,
            id,
            max(_extracted_at) as extracted_at
        from {{ source('maintainx', list) }}
        group by organization_id, id
        having count(case when _operation = 'upsert' then 1 end) > 0
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

staged as (

    {% for list, id in list_models() + detail_models() %}
        select
            '{{ list }}' as list_name,
            organization_id,
            {{ id }} as id,
            extracted_at
        from {{ ref('stg_maintainx__' ~ list) }}

        union all
    {% endfor %}

    {% for list, entity in custom_field_entities().items() %}
        select
            'custom_fields_{{ list }}' as list_name,
            organization_id,
            custom_field_id as id,
            extracted_at
        from {{ ref('stg_maintainx__custom_fields') }}
        where entity = '{{ entity }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{{ differences('log', 'staged', missing='missing in staging', invented='only in staging') }}

select * from final
