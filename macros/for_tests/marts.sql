{#- Columns are read from the graph when the SQL is rendered; refs have to stand here before. -#}
{% macro mart_names() %}
    {{ return([
        'bridge_asset_ancestors',
        'bridge_location_ancestors',
        'bridge_maintenance_plan_assets',
        'bridge_part_locations',
        'bridge_part_vendors',
        'bridge_root_cause_links',
        'bridge_team_members',
        'bridge_work_order_assignees',
        'bridge_work_order_categories',
        'bridge_work_order_vendors',
        'dim_asset_custom_statuses',
        'dim_assets',
        'dim_assets_history',
        'dim_categories',
        'dim_custom_fields',
        'dim_dates',
        'dim_locations',
        'dim_maintenance_plans',
        'dim_meter_triggers',
        'dim_meters',
        'dim_models',
        'dim_organizations',
        'dim_parts',
        'dim_parts_history',
        'dim_pm_chains',
        'dim_procedure_template_fields',
        'dim_procedure_templates',
        'dim_teams',
        'dim_users',
        'dim_users_history',
        'dim_vendor_contacts',
        'dim_vendors',
        'dim_work_request_portals',
        'fct_asset_days',
        'fct_asset_status_intervals',
        'fct_asset_statuses',
        'fct_attachments',
        'fct_custom_field_values',
        'fct_failures',
        'fct_meter_readings',
        'fct_part_stock_days',
        'fct_part_transfers',
        'fct_procedure_answers',
        'fct_purchase_order_lines',
        'fct_purchase_order_receipts',
        'fct_purchase_orders',
        'fct_root_cause_analyses',
        'fct_root_cause_steps',
        'fct_work_order_comments',
        'fct_work_order_costs',
        'fct_work_order_days',
        'fct_work_order_deletions',
        'fct_work_order_field_changes',
        'fct_work_order_parts',
        'fct_work_order_sla',
        'fct_work_order_status_changes',
        'fct_work_orders',
        'fct_work_requests',
        'mart_asset_reliability_monthly',
        'mart_backlog_weekly',
        'mart_bad_actors',
        'mart_cost_vs_replacement',
        'mart_data_quality_daily',
        'mart_downtime_reasons',
        'mart_labour_utilization_weekly',
        'mart_maintenance_cost_monthly',
        'mart_on_time_monthly',
        'mart_overdue_work_orders',
        'mart_part_delivery',
        'mart_parts_health',
        'mart_pm_compliance_monthly',
        'mart_request_funnel_monthly',
        'mart_schedule_compliance_weekly',
        'mart_shift_board',
        'mart_vendor_delivery',
        'mart_work_mix_monthly',
        'mart_workload_of_people_weekly',
        'mart_workload_weekly',
    ]) }}
{% endmacro %}

{% macro marts() %}
    {%- set names = mart_names() -%}
    {%- set relations = {} -%}
    {%- for name in names -%}
        {%- do relations.update({name: ref(name)}) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and 'marts' in node.fqn and node.name not in names -%}
                {%- do exceptions.raise_compiler_error(node.name ~ ' is missing in mart_names()') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(relations) }}
{% endmacro %}

{#- Pairs of mart and column whose names match the pattern, of one of the types. -#}
{% macro mart_columns(pattern, types) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'marts' in node.fqn -%}
            {%- for column in node.columns.values() -%}
                {%- if column.data_type in types and modules.re.search(pattern, column.name) -%}
                    {%- do found.append((node.name, column.name)) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not found -%}
            {%- do exceptions.raise_compiler_error('no column of a mart matches ' ~ pattern) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(found | sort) }}
{% endmacro %}
