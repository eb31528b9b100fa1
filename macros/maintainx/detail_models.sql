{% macro detail_models() %}
    {{ return([
        ('team_members', 'team_id'),
        ('sub_work_orders', 'work_order_id'),
        ('vendor_contacts', 'vendor_id'),
        ('work_order_comments', 'work_order_id'),
    ]) }}
{% endmacro %}
