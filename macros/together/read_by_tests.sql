{% macro read_by_tests(part) %}
    {%- set before_marts = [
        'asset_calendars',
        'business_hours',
        'crew_hours',
        'holidays',
        'int_asset_statuses__cleaned',
        'int_assets__paths',
        'int_locations__paths',
        'int_locations__sites',
        'int_locations__zoned',
        'int_organizations__zoned',
        'int_reconciliations__newest',
        'int_purchase_orders__line_versions',
        'int_work_orders__categories',
        'int_work_orders__comments',
        'int_work_orders__cost_entries',
        'int_work_orders__costs',
        'int_work_orders__earlier_repairs',
        'int_work_orders__estimates',
        'int_work_orders__families',
        'int_work_orders__judged',
        'int_work_orders__not_deleted',
        'int_work_orders__status_events',
        'int_work_orders__versions',
        'known_keys',
        'known_values',
        'shift_board_weights',
        'site_time_zones',
        'sla_targets',
        'stg_maintainx__asset_versions',
        'stg_maintainx__custom_fields',
        'stg_maintainx__meter_versions',
        'stg_maintainx__part_versions',
        'stg_maintainx__purchase_order_versions',
        'stg_maintainx__reconciliations',
        'stg_maintainx__rejects',
        'stg_maintainx__run_resources',
        'stg_maintainx__runs',
        'stg_maintainx__source_manifest',
        'stg_maintainx__user_versions',
        'stg_maintainx__work_order_comment_versions',
        'stg_maintainx__work_order_versions',
        'work_order_priorities',
        'work_order_statuses',
    ] -%}
    {%- set quality = [
        'dq_coverage',
        'dq_findings',
        'dq_schema_drift',
        'dq_settings',
        'health_alerts',
        'rec_records',
        'rec_summary',
        'rec_work_orders',
    ] -%}
    {%- for list, id in list_models() + detail_models() -%}
        {%- do ref('stg_maintainx__' ~ list) -%}
    {%- endfor -%}
    {%- for name in before_marts -%}
        {%- do ref(name) -%}
    {%- endfor -%}
    {%- if part == 'marts' -%}
        {%- do marts() -%}
        {%- for name in quality -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
