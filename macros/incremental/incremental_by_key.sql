{#-
    Set in the model's config. `stamps` is the text of an expression, because hooks are rendered
    when the model is built. BigQuery makes its tables anew: it has no such transactions.
-#}
{% macro incremental_by_key(stamps) %}
    {% if target.type == 'duckdb' %}
        {{ config(
            materialized='incremental',
            incremental_strategy='append',
            on_schema_change='fail',
            pre_hook='{{ delete_touched(' ~ stamps ~ ') }}',
            post_hook='{{ keep_stamps() }}'
        ) }}
    {% endif %}
{% endmacro %}
