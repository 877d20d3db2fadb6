with

    final_places as (select * from {{ ref("final_places") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    invoice_lines as (select * from {{ ref("known_invoice_lines") }}),

    -- One row per group and product that somebody is shown.
    wanted as (
        select distinct customers.segment, customer_clusters.cluster_id, final_places.recommended_product as product_id
        from final_places
        inner join customers on final_places.customer_id = customers.customer_id
        left join customer_clusters on final_places.customer_id = customer_clusters.customer_id
    ),

    -- Who kept the product; who returned it all is no buyer.
    buyers as (
        select market_basket.customer_id, market_basket.product_id, market_basket.segment, customer_clusters.cluster_id
        from market_basket
        inner join customer_clusters on market_basket.customer_id = customer_clusters.customer_id
    ),

    without_cluster_buyers as (
        select wanted.*
        from wanted
        anti join
            buyers
            on wanted.segment = buyers.segment
            and wanted.cluster_id = buyers.cluster_id
            and wanted.product_id = buyers.product_id
    ),

    -- Nobody else's orders are looked at.
    asked_buyers as (
        select buyers.*
        from buyers
        semi join
            wanted
            on buyers.segment = wanted.segment
            and buyers.cluster_id = wanted.cluster_id
            and buyers.product_id = wanted.product_id
        union
        select buyers.*
        from buyers
        semi join without_cluster_buyers on buyers.product_id = without_cluster_buyers.product_id
    ),

    orders as (
        select
            asked_buyers.segment,
            asked_buyers.cluster_id,
            asked_buyers.product_id,
            cast(sum(invoice_lines.quantity) as double) as quantity
        from invoice_lines
        inner join
            asked_buyers
            on invoice_lines.customer_id = asked_buyers.customer_id
            and invoice_lines.product_id = asked_buyers.product_id
        where invoice_lines.quantity > 0
        group by
            asked_buyers.segment,
            asked_buyers.cluster_id,
            asked_buyers.product_id,
            asked_buyers.customer_id,
            invoice_lines.invoice_id
    ),

    cluster_medians as (
        select segment, cluster_id, product_id, median(quantity) as quantity
        from orders
        group by segment, cluster_id, product_id
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
