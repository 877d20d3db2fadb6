with

    final_places as (select * from {{ ref("final_places") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    order_quantities as (select * from {{ ref("order_quantities") }}),

    -- One row per group and product that somebody is shown.
    wanted as (
        select distinct customers.segment, customer_clusters.cluster_id, final_places.recommended_product as product_id
        from final_places
        inner join customers on final_places.customer_id = customers.customer_id
        left join customer_clusters on final_places.customer_id = customer_clusters.customer_id
    ),

    -- Orders of customers who kept the product: who returned it all is no buyer.
    orders as (
        select
            market_basket.segment,
            customer_clusters.cluster_id,
            order_quantities.product_id,
            cast(order_quantities.ordered_quantity as double) as quantity
        from order_quantities
        inner join
            market_basket
            on order_quantities.customer_id = market_basket.customer_id
            and order_quantities.product_id = market_basket.product_id
        inner join customer_clusters on order_quantities.customer_id = customer_clusters.customer_id
        semi join wanted on order_quantities.product_id = wanted.product_id
        where order_quantities.ordered_quantity > 0
    ),

    cluster_medians as (
        select orders.segment, orders.cluster_id, orders.product_id, median(orders.quantity) as quantity
        from orders
        semi join
            wanted
            on orders.segment = wanted.segment
            and orders.cluster_id = wanted.cluster_id
            and orders.product_id = wanted.product_id
        group by orders.segment, orders.cluster_id, orders.product_id
    ),

    without_cluster_buyers as (
        select wanted.*
        from wanted
        anti join
            cluster_medians
            on wanted.segment = cluster_medians.segment
            and wanted.cluster_id = cluster_medians.cluster_id
            and wanted.product_id = cluster_medians.product_id
    ),

    segment_medians as (
        select orders.segment, orders.product_id, median(orders.quantity) as quantity
        from orders
        semi join
            without_cluster_buyers
            on orders.segment = without_cluster_buyers.segment
            and orders.product_id = without_cluster_buyers.product_id
        group by orders.segment, orders.product_id
    ),

    overall_medians as (
        select orders.product_id, median(orders.quantity) as quantity
        from orders
        semi join without_cluster_buyers on orders.product_id = without_cluster_buyers.product_id
        group by orders.product_id
    )

select
    wanted.segment,
    wanted.cluster_id,
    wanted.product_id,
    cast(
        greatest(
            ceil(coalesce(cluster_medians.quantity, segment_medians.quantity, overall_medians.quantity, 1)), 1
        ) as bigint
    ) as suggested_quantity
from wanted
left join
    cluster_medians
    on wanted.segment = cluster_medians.segment
    and wanted.cluster_id = cluster_medians.cluster_id
    and wanted.product_id = cluster_medians.product_id
left join segment_medians on wanted.segment = segment_medians.segment and wanted.product_id = segment_medians.product_id
left join overall_medians on wanted.product_id = overall_medians.product_id
