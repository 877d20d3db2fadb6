with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number, cluster_size from {{ ref("customer_clusters") }}),

    buyers as (
        select cluster_number, product_number, max(cluster_size) as cluster_size, count(*) as customers_with
        from market_basket
        inner join customer_clusters using (customer_number)
        group by cluster_number, product_number
    ),

    -- A product that misses the minimum alone misses it in every pair. Dropping it before the self-join changes no
    -- rule and saves most of the pairs.
    frequent_items as (
        select *, cast(row_number() over (order by cluster_number, product_number) as integer) as item_number
        from buyers
        where {{ is_frequent("customers_with", "cluster_size") }}
    ),

    -- The order changes nothing but the speed: pairs that are counted together come together.
    items as (
        select item_number, customer_number
        from market_basket
        inner join customer_clusters using (customer_number)
        inner join frequent_items using (cluster_number, product_number)
        order by item_number, customer_number
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

select
    items_1.cluster_number,
    items_1.product_number as product_number_1,
    items_2.product_number as product_number_2,
    items_1.customers_with as customers_with_1,
    items_2.customers_with as customers_with_2,
    pairs.customers_with_both,
    items_1.cluster_size
from pairs
inner join frequent_items as items_1 on pairs.item_number_1 = items_1.item_number
inner join frequent_items as items_2 on pairs.item_number_2 = items_2.item_number
where {{ is_frequent("pairs.customers_with_both", "items_1.cluster_size") }}
