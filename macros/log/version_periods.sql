{#-
    A version begins at its `updatedAt`. It begins at its load time where `updatedAt` is unchanged
    (logged labour does not change it) or impossible. A run reads for some time and loads at its
    end, so `updatedAt` may be earlier than the load of the version before. Then `updatedAt` counts
    only if the version before also began at its own, so that each begins after the one before.
-#}
{% macro version_periods(versions, id) -%}
dated_versions as (

    select
        organization_id,
        {{ id }},
        extracted_at,
        case
            when not is_gone and source_updated_at <= extracted_at then source_updated_at
            else extracted_at
        end as stated_at
    from {{ versions }}

),

numbered_versions as (

    select
        *,
        row_number() over (
            partition by organization_id, {{ id }}
            order by extracted_at
        ) as version_number,
        lag(extracted_at) over (
            partition by organization_id, {{ id }}
            order by extracted_at
        ) as former_extracted_at,
        lag(stated_at) over (
            partition by organization_id, {{ id }}
            order by extracted_at
        ) as former_stated_at
    from dated_versions

),

judged_versions as (

    select
        *,
        last_value(
            case
                when version_number = 1 or stated_at > former_extracted_at then true
                when stated_at <= former_stated_at then false
            end ignore nulls
        ) over (
            partition by organization_id, {{ id }}
            order by extracted_at
            rows between unbounded preceding and current row
        ) as is_as_stated
    from numbered_versions

),

begun_versions as (

    select
        organization_id,
        {{ id }},
        extracted_at,
        version_number,
        case when is_as_stated then stated_at else extracted_at end as valid_from
    from judged_versions

),

version_periods as (

    select
        *,
        lead(valid_from) over (
            partition by organization_id, {{ id }}
            order by valid_from
        ) as valid_to
    from begun_versions

)
{%- endmacro %}
