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
    ),

    -- A pair is a rule in both directions. By a join with two rows, because Spark counts anew what is read twice.
    directed as (
        select
            case when is_turned then item_number_2 else item_number_1 end as item_number_a,
            case when is_turned then item_number_1 else item_number_2 end as item_number_b,
            customers_with_both
        from pairs
        cross join
            (
                select true as is_turned
                union all
                select false as is_turned
            ) as directions
    )

select
    items_a.cluster_number,
    items_a.product_number as product_number_a,
    items_b.product_number as product_number_b,
    items_a.customers_with as customers_with_a,
    items_b.customers_with as customers_with_b,
    directed.customers_with_both,
    items_a.cluster_size,
    directed.customers_with_both / items_a.cluster_size as support,
    directed.customers_with_both / items_a.customers_with as confidence
from directed
inner join frequent_items as items_a on directed.item_number_a = items_a.item_number
inner join frequent_items as items_b on directed.item_number_b = items_b.item_number
where {{ is_frequent("directed.customers_with_both", "items_a.cluster_size") }}
