{% macro detail_models() %}
    {{ return([
        ('team_members', 'team_id'),
        ('sub_work_orders', 'work_order_id'),
        ('vendor_contacts', 'vendor_id'),
        ('work_order_comments', 'work_order_id'),
        ('meter_details', 'meter_id'),
        ('meter_trigger_details', 'meter_trigger_id'),
        ('team_details', 'team_id'),
        ('vendor_details', 'vendor_id'),
        ('work_order_details', 'work_order_id'),
    ]) }}
{% endmacro %}
