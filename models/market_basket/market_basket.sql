with

    invoice_lines as (select * from {{ ref("known_invoice_lines") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    products as (select * from {{ ref("stg_products") }}),

    as_of as (select * from {{ ref("as_of") }}),

    baskets as (
        select
            customer_id,
            product_id,
            sum(quantity) as total_quantity,
            count(distinct invoice_id) filter (where quantity > 0) as order_count,
            min(invoice_date) filter (where quantity > 0) as first_purchase_date,
            max(invoice_date) filter (where quantity > 0) as last_purchase_date
        from invoice_lines
        group by customer_id, product_id
        having sum(quantity) > 0
    )

select
    baskets.customer_id,
    baskets.product_id,
    products.l2_category,
    products.l3_category,
    customers.segment,
    cast(baskets.total_quantity as double) as total_quantity,
    baskets.order_count,
    as_of.as_of_date - baskets.last_purchase_date as days_since_last_purchase,
    baskets.first_purchase_date,
    baskets.last_purchase_date
from baskets
inner join customers on baskets.customer_id = customers.customer_id
inner join products on baskets.product_id = products.product_id
cross join as_of
