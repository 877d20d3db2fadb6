with

    purchases as (select * from {{ ref("purchases") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    products as (select * from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    baskets as (
        select
            customer_number,
            product_number,
            sum(quantity) as total_quantity,
            count(*) filter (where quantity > 0) as order_count,
            min(invoice_date) filter (where quantity > 0) as first_purchase_date,
            max(invoice_date) filter (where quantity > 0) as last_purchase_date
        from purchases
        group by customer_number, product_number
        having sum(quantity) > 0
    )

select
    customers.customer_id,
    customers.segment,
    products.product_id,
    products.l2_category,
    products.l3_category,
    cast(baskets.total_quantity as double) as total_quantity,
    baskets.order_count,
    baskets.first_purchase_date,
    baskets.last_purchase_date,
    {{ days_between("baskets.last_purchase_date", "as_of.as_of_date") }} as days_since_last_purchase,
    customers.customer_number,
    products.product_number
from baskets
inner join customers using (customer_number)
inner join products using (product_number)
cross join as_of
