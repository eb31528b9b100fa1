{% macro counts_in_due_date_ratios(orders) -%}
    {{ orders }}.is_counted
        and not {{ orders }}.is_canceled
        {{ 'and not ' ~ orders ~ '.is_skipped' if not var('skipped_counts_as_missed') }}
{%- endmacro %}
