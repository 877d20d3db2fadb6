with

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    kmeans_clusters as (select * from {{ ref("kmeans_clusters") }}),

    customers as (select distinct segment, customer_number from {{ ref("clustering_features") }}),

    market_basket_by_category as (select * from {{ ref("market_basket_by_category") }}),

    segment_scores as (
        select customers.segment, cast(max(kmeans_clusters.silhouette_score) as double) as silhouette_score
        from kmeans_clusters
        inner join customers on kmeans_clusters.customer_number = customers.customer_number
        group by customers.segment
    ),

    clusters as (
        select segment, cluster_id, cluster_name, count(*) as customer_count
        from customer_clusters
        group by segment, cluster_id, cluster_name
    ),

    category_buyers as (
        select
            customer_clusters.segment,
            customer_clusters.cluster_id,
            market_basket_by_category.l2_category,
            count(*) as buyers,
            sum(cast(market_basket_by_category.total_quantity as decimal(38, 4))) as quantity
        from customer_clusters
        inner join market_basket_by_category on customer_clusters.customer_id = market_basket_by_category.customer_id
        group by customer_clusters.segment, customer_clusters.cluster_id, market_basket_by_category.l2_category
    ),

    ordered_categories as (
        select
            *,
            row_number() over (
                partition by segment, cluster_id order by buyers desc, quantity desc, l2_category
            ) as place
        from category_buyers
    ),

    top_categories as (
        select segment, cluster_id, string_agg(l2_category, ', ' order by place) as top_categories
        from ordered_categories
        where place <= 3
        group by segment, cluster_id
    )

select
    clusters.segment,
    clusters.cluster_id,
    clusters.cluster_name,
    top_categories.top_categories,
    clusters.customer_count,
    segment_scores.silhouette_score
from clusters
inner join segment_scores on clusters.segment = segment_scores.segment
inner join
    top_categories on clusters.segment = top_categories.segment and clusters.cluster_id = top_categories.cluster_id
