-- Two products under one id become one: a rule that counts its buyers would speak of something that nobody ever bought.
-- Rows of one id that differ in case and blanks, or in other columns, say the same.
with

    customers as (
        select *
        from {{ ref("judged_customers") }}
        where rejection_reason is null or rejection_reason = '{{ duplicate_reason("customer_id") }}'
    ),

    products as (
        select *
        from {{ ref("judged_products") }}
        where rejection_reason is null or rejection_reason = '{{ duplicate_reason("product_id") }}'
    ),

    repeated as (
        select
            'customers' as source_table,
            customer_id as id,
            customer_name as name,
            {{ spelling_key("customer_name || '|' || region || '|' || end_use") }} as content
        from customers
        where customer_id in (select customer_id from customers where rejection_reason is not null)
        union all
        select
            'products' as source_table,
            product_id as id,
            product_name as name,
            {{ spelling_key("product_name || '|' || l2_category || '|' || l3_category") }} as content
        from products
        where product_id in (select product_id from products where rejection_reason is not null)
    )

select source_table, id, min(name) as a_name, max(name) as another_name, count(*) as row_count
from repeated
group by source_table, id
having count(distinct content) > 1
