with

records as (

    {{ newest_records(source('maintainx', 'organizations'), {
        'name': 'text',
        'timeZone': 'text',
        'currency': 'text',
        'dateFormatLocale': 'text',
    }) }}

),

final as (

    select
        organization_id,
        record.name,
        record.timeZone as time_zone,
        record.currency,
        record.dateFormatLocale as date_format_locale,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
