with

    order_quantities as (select * from {{ ref("order_quantities") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    products as (select * from {{ ref("stg_products") }}),

    as_of as (select * from {{ ref("as_of") }}),

    baskets as (
        select
            customer_id,
            product_id,
            sum(net_quantity) as total_quantity,
            count(*) filter (where ordered_quantity > 0) as order_count,
            min(first_ordered_date) as first_purchase_date,
            max(last_ordered_date) as last_purchase_date
        from order_quantities
        group by customer_id, product_id
        having sum(net_quantity) > 0
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
