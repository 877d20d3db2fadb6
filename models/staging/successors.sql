-- Who took over from whom, chains followed. By unrolled steps, because not every version of Spark has recursive
-- queries, each twice as far as the one before; a chain of more than 32 is taken for a circle.
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
    after_1 as (
        select named.source_table, named.id, min(named.replaced_by) as successor
        from ids as named
        semi join ids as others on named.source_table = others.source_table and named.replaced_by = others.id
        where named.replaced_by <> named.id
        group by named.source_table, named.id
    ),

    {% for steps in [1, 2, 4, 8, 16] %}
        after_{{ 2 * steps }} as (
            select before.source_table, before.id, coalesce(next.successor, before.successor) as successor
            from after_{{ steps }} as before
            left join
                after_{{ steps }} as next on before.source_table = next.source_table and before.successor = next.id
        ),
    {% endfor %}

    ends as (select source_table, id, successor from after_32)

select ends.source_table, ends.id, ends.successor, after_1.id is not null as is_without_end
from ends
left join after_1 on ends.source_table = after_1.source_table and ends.successor = after_1.id
