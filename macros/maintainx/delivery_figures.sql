{#- What was complete when first seen was received by then: that can prove on time, never late. -#}
{% macro delivery_figures(noun) -%}
    {%- set lead_hours = hours_between('created_at', 'received_at') -%}
    {%- set approved_lead_hours = hours_between('approved_at', 'received_at') -%}
    {%- set has_lead = 'is_receipt_observed and received_at >= created_at' -%}
    {%- set has_approved_lead = 'is_receipt_observed and received_at >= approved_at' -%}
    {%- set is_on_time = 'is_received and received_on <= due_on' -%}
    {%- set is_late -%}
        (not is_received and due_on < as_of_on)
        or (is_received and is_receipt_observed and received_on > due_on)
    {%- endset -%}
        count(*) as {{ noun }},
        count(case when is_received then 1 end) as received_{{ noun }},
        count(case when is_partly_received then 1 end) as partly_received_{{ noun }},
        count(case when due_on is null then 1 end) as {{ noun }}_without_due_date,
        count(case when not is_received and due_on >= as_of_on then 1 end) as not_due_{{ noun }},
        count(case when ({{ is_on_time }}) or {{ is_late }} then 1 end) as due_{{ noun }},
        count(case when {{ is_on_time }} then 1 end) as on_time_{{ noun }},
        count(
            case when is_received and not is_receipt_observed and received_on > due_on then 1 end
        ) as unknown_{{ noun }},
        1e0 * count(case when {{ is_on_time }} then 1 end)
        / nullif(count(case when ({{ is_on_time }}) or {{ is_late }} then 1 end), 0)
            as on_time_rate,
        1e0 * count(case when ({{ is_on_time }}) or {{ is_late }} then 1 end)
        / nullif(
            count(*) - count(case when not is_received and due_on >= as_of_on then 1 end), 0
        ) as on_time_coverage,
        count(case when {{ has_lead }} then 1 end) as lead_{{ noun }},
        {{ sum_hours('case when ' ~ has_lead ~ ' then ' ~ lead_hours ~ ' end') }}
        / 24 / nullif(count(case when {{ has_lead }} then 1 end), 0) as mean_lead_days,
        {{ median('case when ' ~ has_lead ~ ' then ' ~ lead_hours ~ ' end') }} / 24
            as median_lead_days,
        1e0 * count(case when {{ has_lead }} then 1 end)
        / nullif(count(case when is_received then 1 end), 0) as lead_coverage,
        count(case when {{ has_approved_lead }} then 1 end) as approved_lead_{{ noun }},
        {{ sum_hours('case when ' ~ has_approved_lead ~ ' then ' ~ approved_lead_hours ~ ' end') }}
        / 24 / nullif(count(case when {{ has_approved_lead }} then 1 end), 0)
            as mean_approved_lead_days,
        {{ median('case when ' ~ has_approved_lead ~ ' then ' ~ approved_lead_hours ~ ' end') }} / 24
            as median_approved_lead_days
{%- endmacro %}
