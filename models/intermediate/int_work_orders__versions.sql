{{ incremental_by_key("stamps_of_models([ref('stg_maintainx__work_order_versions')])") }}

with

versions as (

    select * from {{ touched(ref('stg_maintainx__work_order_versions')) }}

),

{{ version_periods('versions', 'work_order_id') }},

numbered as (

    select
        versions.*,
        periods.version_number,
        periods.valid_from,
        periods.valid_to
    from versions
    inner join version_periods as periods
        on
            versions.organization_id = periods.organization_id
            and versions.work_order_id = periods.work_order_id
            and versions.extracted_at = periods.extracted_at

),

changes as (

    select
        latter.organization_id,
        latter.work_order_id,
        latter.version_number,
        {{ changed_fields('former', 'latter') }} as changed_fields
    from numbered as latter
    inner join numbered as former
        on
            latter.organization_id = former.organization_id
            and latter.work_order_id = former.work_order_id
            and latter.version_number = former.version_number + 1

),

final as (

    select
        numbered.*,
        numbered.valid_to is null as is_current,
        coalesce(changes.changed_fields, '') as changed_fields
    from numbered
    left join changes
        on
            numbered.organization_id = changes.organization_id
            and numbered.work_order_id = changes.work_order_id
            and numbered.version_number = changes.version_number

)

select * from final
