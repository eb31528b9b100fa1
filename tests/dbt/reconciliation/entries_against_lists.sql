{#- Mart, model, its id and list, id of an entry in the list and mart, records that count. -#}
{#- Receipts have no id, their quantities are summed; a sum of wild ones would overflow. -#}
{%- set created
    = 'not records.is_deleted and coalesce(records.created_at <= ' ~ as_of() ~ ', true)' -%}
{%- set lists = [
    ('bridge_work_order_vendors', 'int_work_orders__not_deleted', 'work_order_id', 'vendor_ids', none,
     'vendor_id', 'true'),
    ('bridge_part_vendors', 'stg_maintainx__parts', 'part_id', 'vendors', 'vendorId', 'vendor_id',
     'true'),
    ('bridge_maintenance_plan_assets', 'stg_maintainx__maintenance_plans', 'maintenance_plan_id',
     'assets', 'assetId', 'asset_id', 'true'),
    ('dim_procedure_template_fields', 'stg_maintainx__procedure_templates', 'procedure_template_id',
     'template_rows', 'id', 'procedure_template_field_id', 'true'),
    ('fct_root_cause_steps', 'stg_maintainx__root_cause_analysis_reports',
     'root_cause_analysis_report_id', 'problems', 'id', 'problem_id', created),
    ('bridge_team_members', 'stg_maintainx__team_members', 'team_id', 'members', 'id', 'user_id',
     'not records.is_deleted'),
    ('dim_vendor_contacts', 'stg_maintainx__vendor_contacts', 'vendor_id', 'contacts', 'id',
     'contact_id', 'true'),
] -%}
{%- for link, list in [('RELATED_ASSET', 'related_asset_ids'), ('WORK_ORDER', 'work_order_ids')] -%}
    {%- do lists.append(('bridge_root_cause_links ' ~ link,
        'stg_maintainx__root_cause_analysis_reports', 'root_cause_analysis_report_id', list, none,
        'linked_id', created)) -%}
{%- endfor -%}

with

sent as (

    {% for mart, model, id, list, entry_id, column, condition in lists %}
        {% set value = 'entry.' ~ entry_id | lower if entry_id else 'entry' %}
        select
            '{{ mart }}' as mart,
            records.organization_id,
            records.{{ id }} as id,
            {{ value }} as entry_id
        from
            {{
                json_elements(
                    ref(model),
                    list,
                    {entry_id: 'integer'} if entry_id else 'integer',
                    'entry',
                    name='records'
                )
            }}
        where
            {{ condition }}
            and {{ value }} is not null

        union all

    {% endfor %}
    {% for list, id in [
        ('purchase_orders', 'purchase_order_id'), ('work_requests', 'work_request_id')
    ] %}
        select
            'fct_attachments {{ list }}' as mart,
            records.organization_id,
            records.{{ id }} as id,
            entry.id as entry_id
        from
            {{
                json_elements(
                    ref('stg_maintainx__' ~ list),
                    'attachments',
                    {'id': 'integer'},
                    'entry',
                    name='records'
                )
            }}
        where
            {{ created }}
            and entry.id is not null

        union all

    {% endfor %}
    select
        'fct_purchase_order_receipts' as mart,
        records.organization_id,
        records.purchase_order_id as id,
        cast(sum(entry.quantityreceived) as bigint) as entry_id
    from
        {{
            json_elements(
                ref('stg_maintainx__purchase_orders'),
                'items',
                {'quantityReceived': 'integer', 'fulfillments': 'json'},
                'entry',
                name='records'
            )
        }}
    where
        {{ created }}
        and coalesce({{ json_text(json_list('entry.fulfillments')) }} != '[]', false)
        and entry.quantityreceived between -1000000000 and 1000000000
    group by records.organization_id, records.purchase_order_id

    union all

    select
        'bridge_part_locations' as mart,
        records.organization_id,
        records.part_id as id,
        coalesce(entry.locationid, 0) as entry_id
    from
        {{
            json_elements(
                ref('stg_maintainx__parts'),
                'locations',
                {'locationId': 'integer', 'availableQuantity': 'integer'},
                'entry',
                name='records'
            )
        }}
    where coalesce(entry.locationid, entry.availablequantity) is not null

    union all

    select
        'fct_work_order_comments' as mart,
        records.organization_id,
        records.work_order_id as id,
        entry.id as entry_id
    from
        {{
            json_elements(
                ref('stg_maintainx__work_order_comments'),
                'comments',
                {'id': 'integer', 'createdAt': 'text'},
                'entry',
                name='records'
            )
        }}
    inner join {{ ref('fct_work_orders') }} as work_orders
        on
            records.organization_id = work_orders.organization_id
            and records.work_order_id = work_orders.work_order_id
    where
        not records.is_deleted
        and entry.id is not null
        and coalesce({{ to_utc_timestamp('entry.createdAt') }} <= {{ as_of() }}, true)

    union all

    select
        'fct_work_orders' as mart,
        records.organization_id,
        records.work_order_id as id,
        entry.id as entry_id
    from
        {{
            json_elements(
                ref('stg_maintainx__sub_work_orders'),
                'sub_work_orders',
                {'id': 'integer'},
                'entry',
                name='records'
            )
        }}
    inner join {{ ref('fct_work_orders') }} as work_orders
        on
            records.organization_id = work_orders.organization_id
            and entry.id = work_orders.work_order_id
    where not records.is_deleted

),

kept as (

    {% for mart, model, id, list, entry_id, column, condition in lists %}
        select
            '{{ mart }}' as mart,
            organization_id,
            {{ id }} as id,
            {{ column }} as entry_id
        from {{ ref(mart.partition(' ')[0]) }}
        {% if ' ' in mart %}
            where link_type = '{{ mart.partition(' ')[2] }}'
        {% endif %}

        union all

    {% endfor %}
    select
        'fct_attachments ' || entity as mart,
        organization_id,
        id,
        file_id as entry_id
    from {{ ref('fct_attachments') }}
    where
        entity in ('purchase_orders', 'work_requests')
        and not is_thumbnail

    union all

    select
        'fct_purchase_order_receipts' as mart,
        organization_id,
        purchase_order_id as id,
        cast(sum(quantity_received) as bigint) as entry_id
    from {{ ref('fct_purchase_order_receipts') }}
    where quantity_received between -1000000000 and 1000000000
    group by organization_id, purchase_order_id

    union all

    select
        'bridge_part_locations' as mart,
        organization_id,
        part_id as id,
        location_id as entry_id
    from {{ ref('bridge_part_locations') }}

    union all

    select
        'fct_work_order_comments' as mart,
        organization_id,
        work_order_id as id,
        comment_id as entry_id
    from {{ ref('fct_work_order_comments') }}
    where not is_deleted

    union all

    select
        'fct_work_orders' as mart,
        organization_id,
        parent_work_order_id as id,
        work_order_id as entry_id
    from {{ ref('fct_work_orders') }}
    where parent_work_order_id is not null

),

sent_entries as (

    select distinct * from sent

),

kept_entries as (

    select distinct * from kept

),

{{ differences('sent_entries', 'kept_entries') }}

select * from final
