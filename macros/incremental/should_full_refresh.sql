{#- dbt's materializations and is_incremental() ask this macro, so one answer holds for all. -#}
{% macro should_full_refresh() %}
    {% if config.get('materialized') != 'incremental' %}
        {{ return(dbt.should_full_refresh()) }}
    {% endif %}
    {% set key = invocation_id ~ ' builds in full: ' ~ model.unique_id %}
    {% if key not in graph %}
        {#- The SQL that makes the fingerprint is that of a full build. -#}
        {% do graph.update({key: true}) %}
        {% do graph.update({key ~ '!': fingerprint()}) %}
        {% do graph.update({key: dbt.should_full_refresh() or not is_kept_as_is()}) %}
    {% endif %}
    {{ return(graph[key]) }}
{% endmacro %}

{% macro is_kept_as_is() %}
    {{ return(
        flags.WHICH in ['build', 'run']
        and not is_of_part()
        and (kept_build(this) or '').startswith(this_fingerprint())
    ) }}
{% endmacro %}

{#- Rows of `--empty` and `--sample` say nothing about the data. -#}
{% macro is_of_part() %}
    {{ return(invocation_args_dict.get('empty') or invocation_args_dict.get('sample')) }}
{% endmacro %}
