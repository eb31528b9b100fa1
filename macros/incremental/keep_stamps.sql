{% macro keep_stamps() %}
    {% if execute %}
        {% set stamps = stamps_of(this) %}
        {% if is_of_part() %}
            create or replace table {{ stamps }} (
                organization_id bigint,
                work_order_id bigint,
                stamp ubigint
            )
        {% else %}
            {% if is_incremental() %}
                {% set build = kept_build(this) %}
            {% else %}
                {% set mark = local_md5(invocation_id ~ model.unique_id)[:15] | int(base=16) %}
                {% set build = this_fingerprint() ~ ' ' ~ mark %}
                alter table {{ this }} alter column organization_id set default {{ mark }};
            {% endif %}
            create or replace table {{ stamps }} as
            select * from {{ model.name }}__stamps;
            comment on table {{ stamps }} is '{{ build }}'
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro create_stamps_schema() %}
    {% if execute and target.type == 'duckdb' and flags.WHICH in ['build', 'run', 'retry'] %}
        {% do adapter.create_schema(stamps_of(api.Relation.create(database=target.database))) %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
