{#- The results of builds are also kept in a file of their own (see profiles.yml), so they survive
    when the warehouse is deleted. Missing builds are copied whole, so a kill between two copies
    loses nothing. A DuckDB transaction can write only one file, so each file has its own commit. -#}
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

{#- A BigQuery dataset is not deleted and built again like a file, so no second copy is needed. -#}
{% macro bigquery__copy_history(relations) %}
{% endmacro %}
