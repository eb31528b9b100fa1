{% macro newest_payloads(relation) -%}
    select
        log.organization_id,
        log.id,
        log.payload
    from {{ relation }} as log
    inner join (
        select
            organization_id,
            id,
            max(_extracted_at) as _extracted_at
        from {{ relation }}
        where _operation = 'upsert'
        group by organization_id, id
    ) as newest
        on
            log.organization_id = newest.organization_id
            and log.id = newest.id
            and log._extracted_at = newest._extracted_at
{%- endmacro %}
