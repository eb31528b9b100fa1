{#- Runs in the transaction that inserts the rows again, so a killed build leaves the former table. -#}
{% macro delete_touched(stamps) %}
    {% if execute and not is_of_part() %}
        create or replace temp table {{ model.name }}__stamps as
        select
            organization_id,
            work_order_id,
            hash('{{ this_fingerprint() }}', sum(stamp)) as stamp
        from ({{ stamps }})
        group by organization_id, work_order_id;
        {% if is_incremental() %}
            create or replace temp table {{ model.name }}__touched as
            select
                organization_id,
                work_order_id
            from {{ model.name }}__stamps as latter
            full join {{ stamps_of(this) }} as former
                using (organization_id, work_order_id)
            where latter.stamp is distinct from former.stamp;
            delete from {{ this }}
            where (organization_id, work_order_id) in (
                select (organization_id, work_order_id) from {{ model.name }}__touched
            )
        {% endif %}
    {% endif %}
{% endmacro %}
