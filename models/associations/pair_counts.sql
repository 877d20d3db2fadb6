with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    frequent_items as (select * from {{ ref("frequent_items") }}),

    -- The order changes nothing but the speed: pairs that are counted together come together.
    items as (
        select frequent_items.item_number, market_basket.customer_number
        from market_basket
        inner join customer_clusters on market_basket.customer_number = customer_clusters.customer_number
        inner join
            frequent_items
            on customer_clusters.cluster_number = frequent_items.cluster_number
            and market_basket.product_number = frequent_items.product_number
        order by frequent_items.item_number, market_basket.customer_number
    ),

    pairs as (
        select
            left_items.item_number as item_number_1,
            right_items.item_number as item_number_2,
            count(*) as customers_with_both
        from items as left_items
        inner join
            items as right_items
            on left_items.customer_number = right_items.customer_number
            and left_items.item_number < right_items.item_number
        group by left_items.item_number, right_items.item_number
        -- Most of the pairs end here, before anything else is joined to them.
        having count(*) >= {{ var("min_rule_customers") }}
    )

select pairs.item_number_1, pairs.item_number_2, pairs.customers_with_both
from pairs
inner join frequent_items on pairs.item_number_1 = frequent_items.item_number
where {{ is_frequent("pairs.customers_with_both", "frequent_items.cluster_size") }}
