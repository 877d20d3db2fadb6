-- A product that misses the minimum alone misses it in every pair. Dropping it before the self-join changes no rule
-- and saves most of the pairs.
with

    cluster_items as (select * from {{ ref("cluster_items") }}),

    frequent as (
        select
            cluster_number,
            product_number,
            any_value(segment) as segment,
            any_value(cluster_id) as cluster_id,
            any_value(cluster_size) as cluster_size,
            any_value(product_id) as product_id,
            count(*) as customers_with
        from cluster_items
        group by cluster_number, product_number
        having {{ is_frequent("count(*)", "any_value(cluster_size)") }}
    )

select *, cast(row_number() over (order by cluster_number, product_number) as integer) as item_number
from frequent
