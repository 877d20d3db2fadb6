with

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    kmeans_clusters as (select * from {{ ref("kmeans_clusters") }}),

    market_basket_by_category as (select * from {{ ref("market_basket_by_category") }}),

    clusters as (
        select
            segment,
            cluster_id,
            cluster_name,
            cluster_number,
            count(*) as customer_count,
            cast(max(silhouette_score) as double) as silhouette_score
        from customer_clusters
        inner join kmeans_clusters using (customer_number)
        group by segment, cluster_id, cluster_name, cluster_number
    ),

    category_buyers as (
        select cluster_number, l2_category, count(*) as buyers, sum(cast(total_quantity as decimal(38, 4))) as quantity
        from customer_clusters
        inner join market_basket_by_category using (customer_number)
        group by cluster_number, l2_category
    ),

    ordered_categories as (
        select
            cluster_number,
            l2_category,
            row_number() over (partition by cluster_number order by buyers desc, quantity desc, l2_category) as number
        from category_buyers
    ),

    top_categories as (
        select
            cluster_number,
            concat_ws(
                ', ',
                max(l2_category) filter (where number = 1),
                max(l2_category) filter (where number = 2),
                max(l2_category) filter (where number = 3)
            ) as top_categories
        from ordered_categories
        group by cluster_number
    )

select
    clusters.segment,
    clusters.cluster_id,
    clusters.cluster_name,
    clusters.customer_count,
    top_categories.top_categories,
    clusters.silhouette_score,
    clusters.cluster_number
from clusters
inner join top_categories using (cluster_number)
