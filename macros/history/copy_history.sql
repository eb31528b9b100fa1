{#- The results of builds outlive the warehouse in a file of their own, see profiles.yml. What one
    of both lacks is copied by build, so a build that was killed between two copies costs nothing.
    A transaction of DuckDB writes one file, hence the commits. -#}
{% macro copy_history(relations) %}
    {{ return(adapter.dispatch('copy_history')(relations)) }}
{% endmacro %}

{% macro duckdb__copy_history(relations) %}
    {% set kept = {} %}
    {% for table, relation in relations.items() %}
        {% do kept.update({table: api.Relation.create('results', 'main', table)}) %}
    {% endfor %}
    {% call statement('create_kept_history') %}
        {{ create_history_tables(kept) }}
        {{ delete_old_builds(kept) }}
    {% endcall %}
    {% do adapter.commit() %}
    {% call statement('take_history_back') %}
        {{ insert_missing_builds(kept, relations) }}
    {% endcall %}
    {% do adapter.commit() %}
    {% call statement('keep_history') %}
        {{ insert_missing_builds(relations, kept) }}
    {% endcall %}
    {% do adapter.commit() %}
{% endmacro %}

{#- A dataset is not thrown away, as a file is. -#}
{% macro bigquery__copy_history(relations) %}
{% endmacro %}
