-- By which ids inputs may name a customer or product, and which one counts.
with

    accepted as (
        select 'customers' as source_table, customer_id as id, coalesce(successor, customer_id) as counts_for
        from {{ ref("judged_customers") }}
        where rejection_reason is null
        union all
        select 'products' as source_table, product_id as id, coalesce(successor, product_id) as counts_for
        from {{ ref("judged_products") }}
        where rejection_reason is null
    )

select accepted.source_table, accepted.id, successors.id as counts_for
from accepted
left join
    accepted as successors on accepted.source_table = successors.source_table and accepted.counts_for = successors.id
