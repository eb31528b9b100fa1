{#- Columns that no field gives. -#}
{%- set others = ['organization_id', 'entity', 'is_deleted', 'extracted_at'] -%}
{#- The name and the description tell the other types. -#}
{%- set integers = [
    'assigned_quantity', 'auto_generated_number', 'available_quantity',
    'blueprint_estimated_time_minutes', 'done_sub_work_orders', 'estimated_time_seconds', 'hourly_rate_cents',
    'in_stock_quantity', 'incident_duration_seconds', 'level', 'maximum_quantity', 'member_count',
    'minimum_quantity', 'next_cycle_occurrence', 'open_sub_work_orders', 'ordered_quantity',
    'paused_sub_work_orders', 'period_seconds', 'started_sub_work_orders',
    'quantity_received',
    'quantity_requested', 'quantity_transferred', 'repair_time_seconds', 'reserved_quantity',
    'sort_order', 'unit_cost_cents', 'work_order_start_date_fixed_day',
    'work_order_start_date_padding_hours',
] -%}
{%- set numbers = ['amount', 'next_trigger_value'] -%}
{%- set lists = [] -%}
{#- The id of details is that of their parent, which the answer does not repeat. -#}
{%- set parent_ids = dict(detail_models()) -%}
{%- for list, id in list_models() + detail_models() -%}
    {%- do lists.append((list, 'stg_maintainx__' ~ list, id, 'true')) -%}
{%- endfor -%}
{%- for list, entity in custom_field_entities().items() -%}
    {%- do lists.append((
        'custom_fields_' ~ list, 'stg_maintainx__custom_fields', 'custom_field_id',
        "staged.entity = '" ~ entity ~ "'",
    )) -%}
{%- endfor -%}
{%- set fields = {} -%}
{%- set shapes = {} -%}
{%- for list, model, id, condition in lists -%}
    {%- do fields.update({list: {}}) -%}
    {%- do shapes.update({list: {}}) -%}
    {%- for name, column in described_columns(model).items()
        if name not in others and name != parent_ids.get(list) -%}
        {%- if not column.source -%}
            {%- do exceptions.raise_compiler_error(
                model ~ '.' ~ name ~ ': end its description with "Source: `field`."'
            ) -%}
        {%- endif -%}
        {%- set paths = modules.re.findall('`(.+?)`', column.source) -%}
        {%- for path in paths -%}
            {%- set key, dot, inner = path.partition('.') -%}
            {#- As staging reads it: a number that has a fraction is rounded, one in quotes too. -#}
            {%- set type = 'json' if column.json else 'integer' if name in integers else 'text' -%}
            {%- set known = shapes[list].get(key, {}) -%}
            {%- do shapes[list].update({key: dict(known, **{inner: type}) if inner else type}) -%}
        {%- endfor -%}
        {%- do fields[list].update({name: dict(column, paths=paths)}) -%}
    {%- endfor -%}
{%- endfor -%}

with

{% for list, model, id, condition in lists %}
    newest_{{ list }} as (

        {{ newest_payloads(source('maintainx', list)) }}

    ),

    read_{{ list }} as (

        select
            organization_id,
            id,
            {{ parse_json('payload', shapes[list]) }} as record
        from newest_{{ list }}

    ),

    sent_{{ list }} as (

        select
        {% for name, column in fields[list].items() %}
                coalesce(
            {% for path in column.paths %}
                    record{% for key in path.split('.') %}.{{ adapter.quote(key) }}{% endfor %}
                    {{- ',' if not loop.last }}
            {% endfor %}
                ) as {{ name }},
        {% endfor %}
            organization_id,
            id
        from read_{{ list }}

    ),

    {# A value that its type cannot hold is null in staging. #}
    compared_{{ list }} as (

        select
        {% for name, column in fields[list].items() %}
            {% set sent, staged = 'sent.' ~ name, 'staged.' ~ name %}
            {% if column.json %}
                {% set value = json_list(sent) if column.json == 'array' else json_object(sent) %}
                {% set expected, staged = json_text(value), json_text(staged) %}
            {% elif name.endswith('_at') %}
                {% set expected = to_utc_timestamp(sent) %}
            {% elif name.startswith(('is_', 'has_')) %}
                {% set expected = dbt.safe_cast(sent, 'boolean') %}
            {% elif name in numbers %}
                {% set expected = to_number(sent) %}
            {% elif name.endswith('_id') %}
                {% set expected = dbt.safe_cast(sent, 'bigint') %}
            {% else %}
                {% set expected = sent %}
            {% endif %}
                {{ expected }} as {{ name }}_expected,
                case
                    when {{ sent }} is null or {{ expected }} is not null then {{ staged }}
                end as {{ name }}_found,
        {% endfor %}
            sent.id
        from sent_{{ list }} as sent
        inner join {{ ref(model) }} as staged
            on
                sent.organization_id = staged.organization_id
                and sent.id = staged.{{ id }}
                and {{ condition }}

    ),
{% endfor %}

compared as (

    {{ column_differences('list_name', fields) }}

),

final as (

    select * from compared
    where differing_count > 0

)

select * from final
