{% macro differences(expected, found, missing='missing', invented='invented') -%}
missing as (

    select * from {{ expected }}
    {{ dbt.except() }}
    select * from {{ found }}

),

invented as (

    select * from {{ found }}
    {{ dbt.except() }}
    select * from {{ expected }}

),

final as (

    select
        '{{ missing }}' as finding,
        *
    from missing

    union all

    select
        '{{ invented }}' as finding,
        *
    from invented

)
{%- endmacro %}
