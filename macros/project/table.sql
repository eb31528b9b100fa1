{#- dbt-duckdb's own renames the former table and drops it after the commit, and first looks for its
    indexes and foreign keys: five statements more for each table. -#}
{% materialization table, adapter='duckdb' %}
    {% set former = load_cached_relation(this) %}
    {% set relation = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') %}
        {%- if former is not none -%}
            drop {{ former.type }} if exists {{ former }};
        {% endif -%}
        {{ create_table_as(False, relation, compiled_code) }};
        {{ comments(relation, model) }}
    {% endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
