{% macro slow_changes(versions, id, columns) -%}
{{ version_periods(versions, id) }},

tracked_versions as (

    select
        {{ versions }}.organization_id,
        {{ versions }}.{{ id }},
        {%- for column in columns %}
        {{ versions }}.{{ column }},
        {%- endfor %}
        version_periods.version_number,
        version_periods.valid_from
    from {{ versions }}
    inner join version_periods
        on
            {{ versions }}.organization_id = version_periods.organization_id
            and {{ versions }}.{{ id }} = version_periods.{{ id }}
            and {{ versions }}.extracted_at = version_periods.extracted_at

),

changed_versions as (

    select latter.*
    from tracked_versions as latter
    left join tracked_versions as former
        on
            latter.organization_id = former.organization_id
            and latter.{{ id }} = former.{{ id }}
            and latter.version_number = former.version_number + 1
    where
        former.version_number is null
        {%- for column in columns %}
        or {{ json_text('latter.' ~ column) }}
        is distinct from {{ json_text('former.' ~ column) }}
        {%- endfor %}

),

slow_changes as (

    select
        *,
        lead(valid_from) over (
            partition by organization_id, {{ id }}
            order by valid_from
        ) as valid_to
    from changed_versions

)
{%- endmacro %}
