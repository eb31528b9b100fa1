{#-
    Set in the model's config. `stamps` is the text of an expression, because hooks are rendered
    when the model is built. BigQuery makes its tables anew: it has no such transactions. So does
    dbt 2, which keeps no answers of macros in the graph.
-#}
{% macro incremental_by_key(stamps) %}
    {% if target.type == 'duckdb' and dbt_version.startswith('1.') %}
        {{ config(
            materialized='incremental',
            incremental_strategy='append',
            on_schema_change='fail',
            pre_hook='{{ delete_touched(' ~ stamps ~ ') }}',
            post_hook='{{ keep_stamps() }}'
        ) }}
    {% endif %}
{% endmacro %}
