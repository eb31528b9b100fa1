{# A build with `--empty` says nothing about the data. #}
{% macro history_commands() %}
    {{ return([] if invocation_args_dict.get('empty') else ['build', 'run', 'test', 'seed']) }}
{% endmacro %}
