{% macro insert_missing_builds(origins, targets) %}
    {% for table, target in targets.items() %}
    {%- set names = history_tables()[table].keys() | join(', ') %}
    insert into {{ target }} ({{ names }})
    select {{ names }}
    from {{ origins[table] }}
    where invocation_id not in (select kept.invocation_id from {{ target }} as kept);
    {% endfor %}
{% endmacro %}
