-- Clusters, customers and products as small integers: pairs of integers are counted several times faster than pairs
-- of texts.
with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    customer_numbers as (
        select
            customer_id,
            segment,
            cluster_id,
            cluster_size,
            cast(row_number() over (order by customer_id) as integer) as customer_number,
            cast(dense_rank() over (order by segment, cluster_id) as integer) as cluster_number
        from customer_clusters
    ),

    product_numbers as (
        select product_id, cast(row_number() over (order by product_id) as integer) as product_number
        from (select distinct product_id from market_basket) as products
    )

select
    customer_numbers.segment,
    customer_numbers.cluster_id,
    customer_numbers.cluster_size,
    customer_numbers.cluster_number,
    customer_numbers.customer_number,
    market_basket.product_id,
    product_numbers.product_number
from market_basket
inner join customer_numbers on market_basket.customer_id = customer_numbers.customer_id
inner join product_numbers on market_basket.product_id = product_numbers.product_id
