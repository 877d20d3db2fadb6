-- Who took over from whom, chains followed. By unrolled steps, because not every version of Spark has recursive
-- queries; a
-- longer chain is taken for a circle.
{%- set most_steps = 20 %}

with

    ids as (
        {% for table_name, column in [("customers", "customer_id"), ("products", "product_id")] %}
            {{ "union all" if not loop.first }}
            select
                '{{ table_name }}' as source_table,
                {{ clean_id(read_column(table_name, column)) }} as id,
                {{ clean_id(read_column(table_name, "replaced_by")) }} as replaced_by
            from {{ input_relation(table_name) }} as rows_read
        {% endfor %}
    ),

    -- Who names nobody, or itself, was not replaced.
    step_0 as (
        select named.source_table, named.id, min(named.replaced_by) as successor
        from ids as named
        semi join ids as others on named.source_table = others.source_table and named.replaced_by = others.id
        where named.replaced_by <> named.id
        group by named.source_table, named.id
    ),

    {% for step in range(most_steps) %}
        step_{{ loop.index }} as (
            select before.source_table, before.id, coalesce(next.successor, before.successor) as successor
            from step_{{ step }} as before
            left join step_0 as next on before.source_table = next.source_table and before.successor = next.id
        ),
    {% endfor %}

    ends as (select source_table, id, successor from step_{{ most_steps }})

select ends.source_table, ends.id, ends.successor, step_0.id is not null as is_without_end
from ends
left join step_0 on ends.source_table = step_0.source_table and ends.successor = step_0.id
