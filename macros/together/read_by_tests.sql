{#- Models and seeds that data tests read, as dbt has to know them when it parses. A test that reads
    another one ends the build with its name. -#}
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
        'int_work_orders__categories',
        'int_work_orders__cost_entries',
        'int_work_orders__costs',
        'int_work_orders__earlier_repairs',
        'int_work_orders__estimates',
        'int_work_orders__judged',
        'int_work_orders__not_deleted',
        'int_work_orders__status_events',
        'int_work_orders__versions',
        'known_keys',
        'known_values',
        'site_time_zones',
        'sla_targets',
        'stg_maintainx__asset_criticalities',
        'stg_maintainx__asset_custom_statuses',
        'stg_maintainx__asset_statuses',
        'stg_maintainx__asset_versions',
        'stg_maintainx__assets',
        'stg_maintainx__categories',
        'stg_maintainx__custom_fields',
        'stg_maintainx__locations',
        'stg_maintainx__maintenance_plans',
        'stg_maintainx__manufacturers',
        'stg_maintainx__meter_triggers',
        'stg_maintainx__meter_versions',
        'stg_maintainx__meters',
        'stg_maintainx__models',
        'stg_maintainx__organizations',
        'stg_maintainx__parent_work_orders',
        'stg_maintainx__part_transfer_requests',
        'stg_maintainx__part_versions',
        'stg_maintainx__parts',
        'stg_maintainx__procedure_templates',
        'stg_maintainx__purchase_orders',
        'stg_maintainx__reconciliations',
        'stg_maintainx__rejects',
        'stg_maintainx__root_cause_analysis_reports',
        'stg_maintainx__run_resources',
        'stg_maintainx__runs',
        'stg_maintainx__source_manifest',
        'stg_maintainx__teams',
        'stg_maintainx__user_versions',
        'stg_maintainx__users',
        'stg_maintainx__vendors',
        'stg_maintainx__work_order_versions',
        'stg_maintainx__work_orders',
        'stg_maintainx__work_request_portals',
        'stg_maintainx__work_requests',
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
    {%- for name in before_marts if part == 'before_marts' -%}
        {%- do ref(name) -%}
    {%- endfor -%}
    {%- if part == 'marts' -%}
        {%- do marts() -%}
        {%- for name in before_marts + quality -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
