{#- work_orders_against_staging knows which work orders the vars leave out. -#}
{%- set marts = marts_of_lists() | rejectattr(0, 'equalto', 'fct_work_orders') | list -%}
{%- set is_created = 'coalesce(created_at <= ' ~ as_of() ~ ', true)' -%}

with

staged as (

    {% for mart, list, id in marts %}
        select
            '{{ mart }}' as mart,
            organization_id,
            {{ id }} as id
        from {{ ref('stg_maintainx__' ~ list) }}
        {% if mart.startswith('fct_') %}
            where
                not is_deleted
                {% if 'created_at' in described_columns('stg_maintainx__' ~ list) %}
                    and {{ is_created }}
                {% endif %}
        {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

mart_records as (

    {% for mart, list, id in marts %}
        select
            '{{ mart }}' as mart,
            organization_id,
            {{ id }} as id
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{{ differences('staged', 'mart_records') }}

select * from final
