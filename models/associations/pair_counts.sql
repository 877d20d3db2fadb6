with

    cluster_items as (select * from {{ ref("cluster_items") }}),

    frequent_items as (select * from {{ ref("frequent_items") }}),

    -- The order changes nothing but the speed: pairs that are counted together come together.
    items as materialized(
        select frequent_items.item_number, cluster_items.customer_number
        from cluster_items
        inner join
            frequent_items
            on cluster_items.cluster_number = frequent_items.cluster_number
            and cluster_items.product_number = frequent_items.product_number
        order by frequent_items.item_number, cluster_items.customer_number
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
