with

    market_basket as (select * from {{ ref("market_basket") }}),

    purchases as (select * from {{ ref("purchases") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    products as (select product_number, category_number from {{ ref("product_numbers") }}),

    categories as (select distinct category_number, l2_category from {{ ref("product_numbers") }}),

    baskets as (
        select
            market_basket.customer_number,
            products.category_number,
            cast(sum(cast(market_basket.total_quantity as decimal(38, 4))) as double) as total_quantity,
            count(*) as product_count,
            max(market_basket.last_purchase_date) as last_purchase_date,
            min(market_basket.days_since_last_purchase) as days_since_last_purchase
        from market_basket
        inner join products using (product_number)
        group by market_basket.customer_number, products.category_number
    ),

    -- Few: only a pair with a return can be missing in the basket.
    returned_pairs as (
        select customer_number, product_number
        from purchases
        anti join market_basket using (customer_number, product_number)
        where quantity < 0
    ),

    -- An order with three products of a category is one order of it, so the orders of the products do not add up.
    orders as (
        select distinct customer_number, category_number, invoice_id, invoice_date
        from purchases
        inner join products using (product_number)
        anti join returned_pairs using (customer_number, product_number)
        where quantity > 0
    ),

    order_counts as (
        select customer_number, category_number, count(*) as order_count
        from orders
        group by customer_number, category_number
    )

select
    customers.customer_id,
    customers.segment,
    categories.l2_category,
    baskets.total_quantity,
    baskets.product_count,
    order_counts.order_count,
    baskets.last_purchase_date,
    baskets.days_since_last_purchase,
    customers.customer_number,
    customers.segment_number,
    categories.category_number
from baskets
inner join order_counts using (customer_number, category_number)
inner join customers using (customer_number)
inner join categories using (category_number)
