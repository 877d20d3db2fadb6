with

    market_basket as (select * from {{ ref("market_basket") }}),

    invoice_lines as (select * from {{ ref("known_invoice_lines") }}),

    products as (select * from {{ ref("stg_products") }}),

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

    -- Few: only a pair with a return can be missing in the basket.
    returned_pairs as (
        select invoice_lines.customer_id, invoice_lines.product_id
        from invoice_lines
        anti join
            market_basket
            on invoice_lines.customer_id = market_basket.customer_id
            and invoice_lines.product_id = market_basket.product_id
        where invoice_lines.quantity < 0
    ),

    -- One invoice with three products of a category is one order of it, so the orders of the products do not add up.
    orders as (
        select invoice_lines.customer_id, products.l2_category, count(distinct invoice_lines.invoice_id) as order_count
        from invoice_lines
        inner join products on invoice_lines.product_id = products.product_id
        anti join
            returned_pairs
            on invoice_lines.customer_id = returned_pairs.customer_id
            and invoice_lines.product_id = returned_pairs.product_id
        where invoice_lines.quantity > 0
        group by invoice_lines.customer_id, products.l2_category
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
