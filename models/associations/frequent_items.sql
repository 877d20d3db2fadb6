-- A product that misses the minimum alone misses it in every pair. Dropping it before the self-join changes no rule
-- and saves most of the pairs.
with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number, cluster_size from {{ ref("customer_clusters") }}),

    buyers as (
        select
            customer_clusters.cluster_number,
            market_basket.product_number,
            max(customer_clusters.cluster_size) as cluster_size,
            count(*) as customers_with
        from market_basket
        inner join customer_clusters on market_basket.customer_number = customer_clusters.customer_number
        group by customer_clusters.cluster_number, market_basket.product_number
    )

select
    cluster_number,
    product_number,
    cast(row_number() over (order by cluster_number, product_number) as integer) as item_number,
    cluster_size,
    customers_with
from buyers
where {{ is_frequent("customers_with", "cluster_size") }}
