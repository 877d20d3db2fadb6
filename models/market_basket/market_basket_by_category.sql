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
        inner join products on market_basket.product_number = products.product_number
        group by market_basket.customer_number, products.category_number
    ),

    -- Few: only a pair with a return can be missing in the basket.
    returned_pairs as (
        select purchases.customer_number, purchases.product_number
        from purchases
        anti join
            market_basket
            on purchases.customer_number = market_basket.customer_number
            and purchases.product_number = market_basket.product_number
        where purchases.quantity < 0
    ),

    -- An order with three products of a category is one order of it, so the orders of the products do not add up.
    orders as (
        select purchases.customer_number, products.category_number, purchases.invoice_id, purchases.invoice_date
        from purchases
        inner join products on purchases.product_number = products.product_number
        anti join
            returned_pairs
            on purchases.customer_number = returned_pairs.customer_number
            and purchases.product_number = returned_pairs.product_number
        where purchases.quantity > 0
        group by purchases.customer_number, products.category_number, purchases.invoice_id, purchases.invoice_date
    ),

    order_counts as (
        select customer_number, category_number, count(*) as order_count
        from orders
        group by customer_number, category_number
    )

select
    customers.customer_id,
    categories.l2_category,
    customers.segment,
    baskets.customer_number,
    baskets.category_number,
    baskets.total_quantity,
    baskets.product_count,
    order_counts.order_count,
    baskets.days_since_last_purchase,
    baskets.last_purchase_date
from baskets
inner join
    order_counts
    on baskets.customer_number = order_counts.customer_number
    and baskets.category_number = order_counts.category_number
inner join customers on baskets.customer_number = customers.customer_number
inner join categories on baskets.category_number = categories.category_number
