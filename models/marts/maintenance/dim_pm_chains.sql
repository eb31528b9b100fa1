with recursive

staged_work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

{# Either of two linked orders may hold the link; an order's own link comes first. #}
stated_links as (

    select
        organization_id,
        work_order_id as node_id,
        previous_work_order_id as former_id,
        1 as rank
    from staged_work_orders
    where previous_work_order_id is not null

    union all

    select
        organization_id,
        next_work_order_id as node_id,
        work_order_id as former_id,
        2 as rank
    from staged_work_orders
    where next_work_order_id is not null

),

known_links as (

    select
        stated_links.organization_id,
        stated_links.node_id,
        stated_links.former_id
    from stated_links
    inner join staged_work_orders as formers
        on
            stated_links.organization_id = formers.organization_id
            and stated_links.former_id = formers.work_order_id
    qualify
        row_number() over (
            partition by stated_links.organization_id, stated_links.node_id
            order by stated_links.rank, stated_links.former_id
        ) = 1

),

linked_ids as (

    select
        organization_id,
        node_id
    from known_links

    union distinct

    select
        organization_id,
        former_id as node_id
    from known_links

),

{# A repeating order without a link yet is a chain of one. #}
links as (

    select
        staged_work_orders.organization_id,
        staged_work_orders.work_order_id as node_id,
        known_links.former_id
    from staged_work_orders
    left join known_links
        on
            staged_work_orders.organization_id = known_links.organization_id
            and staged_work_orders.work_order_id = known_links.node_id
    left join linked_ids
        on
            staged_work_orders.organization_id = linked_ids.organization_id
            and staged_work_orders.work_order_id = linked_ids.node_id
    where
        linked_ids.node_id is not null
        or staged_work_orders.recurrence_info is not null

),

{{ chain_roots('links') }},

members as (

    select
        chain_roots.organization_id,
        chain_roots.root_id,
        chain_roots.is_in_cycle,
        work_orders.work_order_id,
        work_orders.title,
        work_orders.asset_id,
        work_orders.interval_days,
        work_orders.due_on,
        work_orders.is_open,
        {{ counts_in_due_date_ratios('work_orders') }}
        and work_orders.deadline_at <= as_of.as_of_at as is_due,
        work_orders.is_done_by_due,
        row_number() over (
            partition by chain_roots.organization_id, chain_roots.root_id
            order by chain_roots.position desc, work_orders.work_order_id desc
        ) as place_from_last
    from chain_roots
    inner join work_orders
        on
            chain_roots.organization_id = work_orders.organization_id
            and chain_roots.node_id = work_orders.work_order_id
    cross join as_of

),

chains as (

    select
        organization_id,
        root_id as root_work_order_id,
        max(case when place_from_last = 1 then work_order_id end) as last_work_order_id,
        max(case when place_from_last = 1 then asset_id end) as asset_id,
        max(case when place_from_last = 1 then title end) as title,
        max(case when place_from_last = 1 then interval_days end) as interval_days,
        count(*) as orders,
        count(case when is_open then 1 end) as open_orders,
        count(case when is_due then 1 end) as due_orders,
        count(case when is_due and is_done_by_due then 1 end) as done_by_due_orders,
        max(case when is_in_cycle then 1 else 0 end) = 1 as is_in_cycle,
        min(due_on) as first_due_on,
        max(due_on) as last_due_on
    from members
    group by organization_id, root_id

),

last_orders as (

    select
        organization_id,
        work_order_id,
        {{
            parse_json('recurrence_info', {
                'type': 'text',
                'interval': 'integer',
                'day': 'integer',
                'days': 'json',
                'automationMeterTrigger': {
                    'automationTriggerInput': {'meterId': 'integer', 'conditions': 'json'},
                    'lastTriggerValue': 'number',
                    'newDueDateOffsetSeconds': 'integer',
                },
            })
        }} as rule
    from staged_work_orders

),

triggers as (

    select
        last_orders.organization_id,
        last_orders.work_order_id,
        condition.operator,
        condition.value
    from
        {{
            json_elements(
                'last_orders',
                json_list('rule.automationmetertrigger.automationtriggerinput.conditions'),
                {'operator': 'text', 'value': 'number'},
                'condition'
            )
        }}
    qualify
        row_number() over (
            partition by last_orders.organization_id, last_orders.work_order_id
            order by position
        ) = 1

),

final as (

    select
        chains.organization_id,
        chains.root_work_order_id,
        chains.last_work_order_id,
        chains.asset_id,
        last_orders.rule.automationmetertrigger.automationtriggerinput.meterid as trigger_meter_id,
        chains.title,
        last_orders.rule.type as recurrence_type,
        triggers.operator as trigger_operator,
        chains.interval_days,
        last_orders.rule.interval as recurrence_interval,
        last_orders.rule.day as recurrence_day,
        {{ to_number('triggers.value') }} as trigger_value,
        {{ to_number('last_orders.rule.automationmetertrigger.lasttriggervalue') }}
            as last_trigger_value,
        last_orders.rule.automationmetertrigger.newduedateoffsetseconds / 3600 as due_offset_hours,
        chains.orders,
        chains.open_orders,
        chains.due_orders,
        chains.done_by_due_orders,
        1e0 * chains.done_by_due_orders / nullif(chains.due_orders, 0) as compliance,
        chains.is_in_cycle,
        chains.first_due_on,
        chains.last_due_on,
        {{ json_list('last_orders.rule.days') }} as recurrence_days
    from chains
    inner join last_orders
        on
            chains.organization_id = last_orders.organization_id
            and chains.last_work_order_id = last_orders.work_order_id
    left join triggers
        on
            chains.organization_id = triggers.organization_id
            and chains.last_work_order_id = triggers.work_order_id

)

select * from final
