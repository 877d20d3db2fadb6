with

    market_basket as (select * from {{ ref("market_basket") }}),

    order_quantities as (select * from {{ ref("order_quantities") }}),

    baskets as (
        select
            customer_id,
            l2_category,
            segment,
            cast(sum(cast(total_quantity as decimal(38, 4))) as double) as total_quantity,
            count(*) as product_count,
            max(last_purchase_date) as last_purchase_date,
            min(days_since_last_purchase) as days_since_last_purchase
        from market_basket
        group by customer_id, l2_category, segment
    ),

    -- One invoice with three products of a category is one order of it, so the orders of the products do not add up.
    orders as (
        select
            market_basket.customer_id,
            market_basket.l2_category,
            count(distinct order_quantities.invoice_id) as order_count
        from market_basket
        inner join
            order_quantities
            on market_basket.customer_id = order_quantities.customer_id
            and market_basket.product_id = order_quantities.product_id
        where order_quantities.ordered_quantity > 0
        group by market_basket.customer_id, market_basket.l2_category
    )

select
    baskets.customer_id,
    baskets.l2_category,
    baskets.segment,
    baskets.total_quantity,
    baskets.product_count,
    orders.order_count,
    baskets.days_since_last_purchase,
    baskets.last_purchase_date
from baskets
inner join orders on baskets.customer_id = orders.customer_id and baskets.l2_category = orders.l2_category
