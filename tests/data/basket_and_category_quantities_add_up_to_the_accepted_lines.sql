-- Harm: a quantity lost or doubled between lines and basket would move clusters and suggestions without a trace.
-- Clusters are made from the categories, rules from the products: they must speak of the same purchases.
with

    known_lines as (
        select customer_id, product_id, quantity
        from {{ ref("stg_invoice_lines") }}
        inner join {{ ref("as_of") }} on invoice_date <= as_of_date
    ),

    market_basket as (select * from {{ ref("market_basket") }}),

    baskets as (select coalesce(sum(cast(total_quantity as decimal(38, 4))), 0) as quantity from market_basket),

    pairs_without_basket as (
        select customer_id, product_id, sum(quantity) as quantity
        from known_lines
        anti join market_basket using (customer_id, product_id)
        group by customer_id, product_id
    ),

    products as (
        select
            customer_id,
            l2_category,
            segment,
            sum(cast(total_quantity as decimal(38, 4))) as quantity,
            count(*) as product_count,
            max(order_count) as most_orders_of_one_product,
            sum(order_count) as orders_of_all_products
        from market_basket
        group by customer_id, l2_category, segment
    ),

    categories as (select * from {{ ref("market_basket_by_category") }})

select 'customer ' || customer_id || ' kept ' || product_id || ' but has no basket of it' as what_is_wrong
from pairs_without_basket
where quantity > 0
union all
select lines.quantity || ' in lines, ' || baskets.quantity || ' in baskets, ' || returned.quantity || ' returned'
from (select coalesce(sum(quantity), 0) as quantity from known_lines) as lines
cross join baskets
cross join (select coalesce(sum(quantity), 0) as quantity from pairs_without_basket) as returned
where lines.quantity <> baskets.quantity + returned.quantity
union all
select 'customer ' || customer_id || ' has other quantities or orders of ' || l2_category || ' in one of the baskets'
from products
full join categories using (customer_id, l2_category, segment)
where
    products.quantity is distinct from cast(categories.total_quantity as decimal(38, 4))
    or products.product_count <> categories.product_count
    or categories.order_count not between products.most_orders_of_one_product
    and products.orders_of_all_products
