{#- The hour may have one digit: 7:30. -#}
{% macro minutes_of_day(text) -%}
    {%- set colon = "strpos(" ~ text ~ ", ':')" -%}
    {%- set hours = safe_cast("substr(" ~ text ~ ", 1, greatest(" ~ colon ~ " - 1, 0))", 'bigint') -%}
    {%- set minutes = safe_cast("substr(" ~ text ~ ", " ~ colon ~ " + 1)", 'bigint') -%}
    case
        when
            {{ colon }} in (2, 3)
            and length({{ text }}) = {{ colon }} + 2
            and {{ minutes }} between 0 and 59
            and 60 * {{ hours }} + {{ minutes }} between 0 and 1440
            then 60 * {{ hours }} + {{ minutes }}
    end
{%- endmacro %}
