{#-
    A change begins when MaintainX says that it did, or when it was loaded where MaintainX says
    nothing new (logged labour moves no `updatedAt`) or nothing possible. A run reads for a while
    and loads at its end, so `updatedAt` may lie before the loading of the version before: then it
    is taken if that version took its own too, so that each version begins after the one before.
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
