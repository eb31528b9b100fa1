{% macro history_tables() %}
    {% set build = {
        'invocation_id': dbt.type_string(),
        'command': dbt.type_string(),
        'as_of_at': dbt.type_timestamp(),
        'build_started_at': dbt.type_timestamp(),
    } %}
    {% set node = {
        'is_whole': dbt.type_boolean(),
        'node_id': dbt.type_string(),
        'node_name': dbt.type_string(),
        'kind': dbt.type_string(),
        'status': dbt.type_string(),
        'message': dbt.type_string(),
        'seconds': dbt.type_float(),
        'started_at': dbt.type_timestamp(),
        'ended_at': dbt.type_timestamp(),
    } %}
    {{ return({
        'model_runs': dict(build, **node),
        'test_results': dict(
            build,
            severity=dbt.type_string(),
            rows_failing=dbt.type_bigint(),
            failing_rows_table=dbt.type_string(),
            description=dbt.type_string(),
            **node
        ),
        'reconciliation_results': dict(
            build,
            organization_id=dbt.type_bigint(),
            resource=dbt.type_string(),
            run_id=dbt.type_string(),
            state=dbt.type_string(),
            newest_state=dbt.type_string(),
            records=dbt.type_bigint(),
            matches=dbt.type_bigint(),
            mismatches=dbt.type_bigint(),
            missing_in_warehouse=dbt.type_bigint(),
            missing_in_source=dbt.type_bigint(),
            newer_at_source=dbt.type_bigint(),
            ended_at=dbt.type_timestamp()
        ),
        'coverage_results': dict(
            build,
            organization_id=dbt.type_bigint(),
            work_orders=dbt.type_bigint(),
            work_orders_with_asset=dbt.type_bigint(),
            work_orders_with_location=dbt.type_bigint(),
            work_orders_with_due_date=dbt.type_bigint(),
            done_work_orders=dbt.type_bigint(),
            done_work_orders_with_logged_time=dbt.type_bigint()
        ),
    }) }}
{% endmacro %}
