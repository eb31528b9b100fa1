{% macro custom_field_entities() %}
    {{ return({
        'assets': 'assets',
        'locations': 'locations',
        'parts': 'parts',
        'work_orders': 'workOrders',
        'vendors': 'vendors',
        'purchase_orders': 'purchaseOrders',
        'line_item_purchase_orders': 'lineItemPurchaseOrders',
    }) }}
{% endmacro %}
