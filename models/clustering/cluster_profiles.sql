with

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    kmeans_clusters as (select * from {{ ref("kmeans_clusters") }}),

    market_basket_by_category as (select * from {{ ref("market_basket_by_category") }}),

    clusters as (
        select
            customer_clusters.segment,
            customer_clusters.cluster_number,
            customer_clusters.cluster_id,
            customer_clusters.cluster_name,
            count(*) as customer_count,
            cast(max(kmeans_clusters.silhouette_score) as double) as silhouette_score
        from customer_clusters
        inner join kmeans_clusters on customer_clusters.customer_number = kmeans_clusters.customer_number
        group by
            customer_clusters.segment,
            customer_clusters.cluster_number,
            customer_clusters.cluster_id,
            customer_clusters.cluster_name
    ),

    category_buyers as (
        select
            customer_clusters.cluster_number,
            market_basket_by_category.l2_category,
            count(*) as buyers,
            sum(cast(market_basket_by_category.total_quantity as decimal(38, 4))) as quantity
        from customer_clusters
        inner join
            market_basket_by_category on customer_clusters.customer_number = market_basket_by_category.customer_number
        group by customer_clusters.cluster_number, market_basket_by_category.l2_category
    ),

    ordered_categories as (
        select
            cluster_number,
            l2_category,
            row_number() over (partition by cluster_number order by buyers desc, quantity desc, l2_category) as place
        from category_buyers
    ),

    top_categories as (
        select
            cluster_number,
            concat_ws(
                ', ',
                max(l2_category) filter (where place = 1),
                max(l2_category) filter (where place = 2),
                max(l2_category) filter (where place = 3)
            ) as top_categories
        from ordered_categories
        group by cluster_number
    )

select
    clusters.segment,
    clusters.cluster_number,
    clusters.cluster_id,
    clusters.cluster_name,
    top_categories.top_categories,
    clusters.customer_count,
    clusters.silhouette_score
from clusters
inner join top_categories on clusters.cluster_number = top_categories.cluster_number
