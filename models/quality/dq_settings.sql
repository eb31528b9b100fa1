{#-
    One rule per setting that a person types: the seed, its column, when a value is wrong, and the
    allowed values. `unusable` values cannot be read at all; the others are well formed and match
    nothing.
-#}
{%- set organization = 'organization_id not in (select organization_id from organizations)' -%}
{%- set site = 'not exists (
        select 1 from sites
        where sites.organization_id = settings.organization_id
            and sites.site_location_id = settings.site_location_id
    )' -%}
{%- set any_site = 'settings.site_location_id != 0 and ' ~ site -%}
{%- set day_of_week = 'day_of_week not between 1 and 7' -%}
{%- set rules = [
    ('asset_calendars', 'organization_id', false, organization, 'an organization_id of dim_organizations'),
    ('asset_calendars', 'asset_id', false, 'not exists (
        select 1 from assets
        where assets.organization_id = settings.organization_id
            and assets.asset_id = settings.asset_id
    )', 'an asset_id of dim_assets in that organization'),
    ('asset_calendars', 'day_of_week', true, day_of_week, '1 (Monday) to 7 (Sunday)'),
    ('asset_calendars', 'required_hours', true, 'required_hours is null or required_hours not between 0 and 24', '0 to 24 hours'),
    ('site_time_zones', 'organization_id', false, organization, 'an organization_id of dim_organizations'),
    ('site_time_zones', 'site_location_id', false, site, 'a site_location_id of dim_locations in that organization'),
    ('site_time_zones', 'time_zone', true, 'not coalesce(' ~ is_time_zone('time_zone') ~ ', false)', 'an IANA name such as Europe/Berlin'),
    ('crew_hours', 'organization_id', false, organization, 'an organization_id of dim_organizations'),
    ('crew_hours', 'site_location_id', false, any_site, 'a site_location_id of dim_locations in that organization, or 0'),
    ('crew_hours', 'team_id', false, 'settings.team_id is not null and not exists (
        select 1 from teams
        where teams.organization_id = settings.organization_id and teams.team_id = settings.team_id
    )', 'a team_id of dim_teams in that organization, or empty'),
    ('crew_hours', 'user_id', false, 'settings.user_id is not null and not exists (
        select 1 from users
        where users.organization_id = settings.organization_id and users.user_id = settings.user_id
    )', 'a user_id of dim_users in that organization, or empty'),
    ('crew_hours', 'weekly_hours', true, 'weekly_hours is null or weekly_hours < 0', '0 hours or more'),
    ('business_hours', 'organization_id', false, organization, 'an organization_id of dim_organizations'),
    ('business_hours', 'site_location_id', false, any_site, 'a site_location_id of dim_locations in that organization, or 0'),
    ('business_hours', 'day_of_week', true, day_of_week, '1 (Monday) to 7 (Sunday)'),
    ('business_hours', 'opens_at', true, minutes_of_day('opens_at') ~ ' is null', 'a local time from 00:00 to 24:00'),
    ('business_hours', 'closes_at', true, 'not coalesce(
        ' ~ minutes_of_day('closes_at') ~ ' > coalesce(' ~ minutes_of_day('opens_at') ~ ', -1), false
    )', 'a local time up to 24:00, after opens_at'),
    ('holidays', 'organization_id', false, organization, 'an organization_id of dim_organizations'),
    ('holidays', 'site_location_id', false, any_site, 'a site_location_id of dim_locations in that organization, or 0'),
    ('holidays', 'holiday_on', false, 'holiday_on not in (select date_day from dates)', 'a day of dim_dates'),
    ('sla_targets', 'work_type', true, "work_type not in ('REACTIVE', 'PREVENTIVE', 'OTHER', 'UNKNOWN')", 'REACTIVE, PREVENTIVE, OTHER, UNKNOWN, or empty for any'),
    ('sla_targets', 'source_priority', true, 'source_priority not in (select source_priority from priorities)', 'a source_priority of the seed work_order_priorities, or empty for any'),
    ('sla_targets', 'response_hours', true, 'response_hours <= 0', 'more than 0 hours, or empty for no target'),
    ('sla_targets', 'resolution_hours', true, 'resolution_hours <= 0', 'more than 0 hours, or empty for no target'),
    ('work_order_statuses', 'source_status', false, "source_status not in (
        'OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED', 'SKIPPED'
    ) and source_status not in (select status from work_orders where status is not null)", 'a status that MaintainX sends, such as IN_PROGRESS'),
    ('work_order_priorities', 'source_priority', false, "source_priority not in ('NONE', 'LOW', 'MEDIUM', 'HIGH')
    and source_priority not in (select priority from work_orders where priority is not null)", 'a priority that MaintainX sends, such as HIGH'),
    ('shift_board_weights', 'factor', true, "coalesce(factor not in ('priority', 'overdue_days', 'asset_down', 'age_days'), true)", 'priority, overdue_days, asset_down or age_days'),
    ('shift_board_weights', 'weight', true, 'weight is null or weight < 0', '0 or more'),
    ('shift_board_weights', 'full_at', true, 'full_at is null or full_at <= 0', 'more than 0'),
    ('known_values', 'list_name', false, 'list_name not in ' ~ string_list(list_names()), 'the name of a list, such as work_orders'),
    ('known_keys', 'list_name', false, 'list_name not in ' ~ string_list(list_names()), 'the name of a list, such as work_orders'),
] -%}
{%- set numbers = [
    'required_hours', 'weekly_hours', 'response_hours', 'resolution_hours', 'weight', 'full_at'
] -%}

with

organizations as (

    select * from {{ ref('dim_organizations') }}

),

sites as (

    select distinct
        organization_id,
        site_location_id
    from {{ ref('dim_locations') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

priorities as (

    select * from {{ ref('work_order_priorities') }}

),

labels as (

    select distinct
        'var excluded_categories' as setting,
        label
    from {{ ref('stg_maintainx__categories') }}

    union distinct

    select
        'var excluded_categories' as setting,
        category_name as label
    from {{ ref('int_work_orders__categories') }}

    union distinct

    select
        'var custom_field_columns' as setting,
        label
    from {{ ref('stg_maintainx__custom_fields') }}
    where entity = 'work_orders'

    {% for work_type in ['REACTIVE', 'PREVENTIVE', 'OTHER', 'CYCLE_COUNT'] %}
        union distinct

        select
            'var excluded_work_types' as setting,
            '{{ work_type }}' as label
    {% endfor %}

),

typed_in_vars as (

    {% for category in var('excluded_categories') %}
        select
            'var excluded_categories' as setting,
            {{ text_literal(category) }} as value,
            'a label of a category, exactly as in MaintainX' as allowed

        union all

    {% endfor %}
    {% for work_type in var('excluded_work_types') %}
        select
            'var excluded_work_types' as setting,
            {{ text_literal(work_type) }} as value,
            'REACTIVE, PREVENTIVE, OTHER or CYCLE_COUNT' as allowed

        union all

    {% endfor %}
    {% for name, label in var('custom_field_columns').items() %}
        select
            'var custom_field_columns' as setting,
            {{ text_literal(label) }} as value,
            'a label of a custom field of work orders, exactly as in MaintainX' as allowed

        union all

    {% endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as setting,
        cast(null as {{ dbt.type_string() }}) as value,
        cast(null as {{ dbt.type_string() }}) as allowed

),

found as (

    {% for seed, column, is_unusable, condition, allowed in rules %}
        select
            'seed {{ seed }}' as setting,
            '{{ column }}' as column_name,
            {% set value = 'settings.' ~ column -%}
            {% set text = number_text(value) if column in numbers else dbt.cast(value, 'string') -%}
            coalesce({{ text }}, '') as found_value,
            {{ 'true' if is_unusable else 'false' }} as is_unusable,
            {{ text_literal(allowed) }} as allowed
        from {{ ref(seed) }} as settings
        where {{ condition }}

        union all

    {% endfor %}
    select
        typed_in_vars.setting,
        '' as column_name,
        typed_in_vars.value as found_value,
        false as is_unusable,
        typed_in_vars.allowed
    from typed_in_vars
    left join labels
        on
            typed_in_vars.setting = labels.setting
            and typed_in_vars.value = labels.label
    where
        typed_in_vars.setting is not null
        and labels.label is null

),

final as (

    select
        setting,
        column_name,
        found_value,
        is_unusable,
        allowed,
        count(*) as settings
    from found
    group by setting, column_name, found_value, is_unusable, allowed

)

select * from final
