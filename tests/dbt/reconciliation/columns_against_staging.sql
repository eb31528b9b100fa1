{#- Columns that are made of their original, and how. -#}
{%- set made = {
    'dim_assets.status': 'one value of the JSON object',
    'dim_meters.reading_frequency': 'the type of the JSON object',
    'dim_parts.reserved_quantity': 'the quantity of committedQuantities comes first',
    'dim_organizations.time_zone': 'UTC replaces a time zone that does not exist',
    'fct_purchase_orders.billing_address': 'a text of the JSON object',
    'fct_purchase_orders.shipping_address': 'a text of the JSON object',
    'fct_root_cause_analyses.notes': 'the text of the JSON object',
    'fct_work_orders.is_parent': 'the list of parents',
    'fct_work_orders.parent_work_order_id': 'the sub-work-orders of the parent',
    'fct_work_orders.priority': 'a rank in the seed work_order_priorities',
    'fct_work_orders.status': 'a name in the seed work_order_statuses',
    'fct_work_requests.priority': 'a rank in the seed work_order_priorities',
} -%}
{#- Columns with another value where their original is null, and which. -#}
{%- set filled = {
    'dim_meters.location_id': 'the location of the asset',
    'dim_work_request_portals.has_email_notification': 'false',
    'dim_work_request_portals.is_email_only': 'false',
    'fct_work_orders.is_due_full_day': 'false',
    'fct_work_orders.work_type': 'UNKNOWN',
    'fct_work_requests.has_email_notification': 'false',
} -%}
{#- The compared columns of a mart; of details, whose deletion is not that of their parent. -#}
{%- set copies = {} -%}
{%- set compared = [] -%}
{%- for mart, list, id in marts_of_lists() + [
    ('dim_meters', 'meter_details', 'meter_id'),
    ('dim_meter_triggers', 'meter_trigger_details', 'meter_trigger_id'),
    ('dim_teams', 'team_details', 'team_id'),
    ('dim_vendors', 'vendor_details', 'vendor_id'),
    ('fct_work_orders', 'work_order_details', 'work_order_id'),
] -%}
    {%- set is_detail = list in detail_models() | map(attribute=0) -%}
    {%- set key = mart ~ '__' ~ list if is_detail else mart -%}
    {%- do compared.append((key, mart, list, id)) -%}
    {%- do copies.update({key: {}}) -%}
    {%- for name, column in copied_columns(mart, 'stg_maintainx__' ~ list).items()
        if mart ~ '.' ~ name not in made and not (is_detail and name == 'is_deleted') -%}
        {%- do copies[key].update({name: column}) -%}
    {%- endfor -%}
{%- endfor -%}

with

{% for key, mart, list, id in compared %}
    compared_{{ key }} as (

        select
            {% for name, column in copies[key].items() %}
                {% set expected, found = 'staged.' ~ column.original, 'marts.' ~ name %}
                {% if column.json %}
                    {% set expected, found = json_text(expected), json_text(found) %}
                {% endif %}
                {{ expected }} as {{ name }}_expected,
                {% if mart ~ '.' ~ name in filled %}
                    case when {{ expected }} is not null then {{ found }} end as {{ name }}_found,
                {% else %}
                    {{ found }} as {{ name }}_found,
                {% endif %}
            {% endfor %}
            staged.{{ id }} as id
        from {{ ref('stg_maintainx__' ~ list) }} as staged
        inner join {{ ref(mart) }} as marts
            on
                staged.organization_id = marts.organization_id
                and staged.{{ id }} = marts.{{ id }}

    ),
{% endfor %}

compared as (

    {{ column_differences('mart', copies) }}

),

final as (

    select * from compared
    where differing_count > 0

)

select * from final
