{#- A dataset is not thrown away, as a file is. -#}
{% macro bigquery__copy_history(relations) %}
{% endmacro %}
