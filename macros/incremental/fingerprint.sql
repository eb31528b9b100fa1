{#-
    What makes the rows of a model, apart from the rows that its stamps are made from: its SQL with
    all macros and vars, its columns, the seeds that it reads, and the versions of the engines.
-#}
{% macro fingerprint() %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set sql = render(model.raw_code) %}
    {% if var('as_of') is not none %}
        {% set sql = sql | replace(utc_timestamp_literal(var('as_of')), 'as_of') %}
    {% endif %}
    {% set parts = [sql, model.contract.checksum, dbt_version, run_query('select version()').rows[0][0]] %}
    {% for node in model.depends_on.nodes if node.startswith('seed.') %}
        {% set rows = run_query(
            'select count(*), sum(hash(seed)) from ' ~ ref(graph.nodes[node].name) ~ ' as seed'
        ) %}
        {% do parts.append(rows.rows[0].values() | join(' ')) %}
    {% endfor %}
    {{ return(local_md5(parts | join('\n'))) }}
{% endmacro %}

{#- That of the model being built. -#}
{% macro this_fingerprint() %}
    {{ return(graph[invocation_id ~ ' builds in full: ' ~ model.unique_id ~ '!']) }}
{% endmacro %}

{#-
    The fingerprint and the mark of the build that left a table; none if there is no such build. The
    mark stands in the table as a default of a column, so a table that something else made has none.
-#}
{% macro kept_build(relation) %}
    {% set stamps = stamps_of(relation) %}
    {% set rows = run_query(
        "select stamps.comment from duckdb_tables() as stamps inner join duckdb_columns() as marked"
        ~ " on stamps.database_name = marked.database_name and stamps.table_name = marked.table_name"
        ~ " where stamps.database_name = '" ~ relation.database ~ "' and stamps.schema_name = '" ~ stamps.schema
        ~ "' and stamps.table_name = '" ~ relation.identifier ~ "' and marked.schema_name = '" ~ relation.schema
        ~ "' and marked.column_name = 'organization_id'"
        ~ " and ends_with(stamps.comment, ' ' || marked.column_default)"
    ).rows %}
    {{ return(rows[0][0] if rows else none) }}
{% endmacro %}
