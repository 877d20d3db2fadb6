-- Harm: clusters are made from the categories, rules from the products; they must speak of the same purchases.
with

    products as (
        select
            customer_id,
            l2_category,
            segment,
            sum(cast(total_quantity as decimal(38, 4))) as quantity,
            count(*) as product_count,
            max(order_count) as most_orders_of_one_product,
            sum(order_count) as orders_of_all_products
        from {{ ref("market_basket") }}
        group by customer_id, l2_category, segment
    ),

    categories as (select * from {{ ref("market_basket_by_category") }})

select *
from products
full join categories using (customer_id, l2_category, segment)
where
    products.customer_id is null
    or categories.customer_id is null
    or products.quantity <> cast(categories.total_quantity as decimal(38, 4))
    or products.product_count <> categories.product_count
    or categories.order_count not between products.most_orders_of_one_product
    and products.orders_of_all_products
