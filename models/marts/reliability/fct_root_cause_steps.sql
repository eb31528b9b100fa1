{% set problem_shape = {
    'id': 'integer',
    'category': {'id': 'integer', 'label': 'text'},
    'notes': {'text': 'text'},
    'stepOptions': 'json',
} %}
{% set step_shape = {'id': 'integer', 'label': 'text', 'stepType': 'text'} %}

with

reports as (

    select * from {{ ref('stg_maintainx__root_cause_analysis_reports') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

problems as (

    select
        reports.organization_id,
        reports.root_cause_analysis_report_id,
        {{ element_number() }} as problem_number,
        problem.id as problem_id,
        problem.category.id as problem_category_id,
        problem.category.label as problem_category,
        problem.notes.text as problem_notes,
        {{ json_list('problem.stepoptions') }} as steps
    from {{ json_elements('reports', 'problems', problem_shape, 'problem') }}
    where problem.id is not null

),

steps as (

    select
        problems.organization_id,
        problems.root_cause_analysis_report_id,
        problems.problem_number,
        {{ element_number() }} as step_number,
        step.id as step_id,
        step.label as step_label,
        step.steptype as step_type
    from {{ json_elements('problems', 'steps', step_shape, 'step') }}
    where step.id is not null

),

final as (

    select
        problems.organization_id,
        problems.root_cause_analysis_report_id,
        problems.problem_number,
        coalesce(steps.step_number, 0) as step_number,
        problems.problem_id,
        problems.problem_category_id,
        steps.step_id,
        problems.problem_category,
        problems.problem_notes,
        steps.step_type,
        steps.step_label
    from problems
    left join steps
        on
            problems.organization_id = steps.organization_id
            and problems.root_cause_analysis_report_id = steps.root_cause_analysis_report_id
            and problems.problem_number = steps.problem_number

)

select * from final
