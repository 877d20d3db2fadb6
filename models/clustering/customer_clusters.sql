with

    customers as (select distinct segment, customer_id, customer_number from {{ ref("clustering_features") }}),

    kmeans_clusters as (
        select customers.segment, customers.customer_id, kmeans_clusters.kmeans_label, kmeans_clusters.silhouette
        from {{ ref("kmeans_clusters") }} as kmeans_clusters
        inner join customers on kmeans_clusters.customer_number = customers.customer_number
    ),

    sizes as (
        select segment, kmeans_label, count(*) as cluster_size, min(customer_id) as smallest_customer_id
        from kmeans_clusters
        group by segment, kmeans_label
    ),

    -- K-Means labels are arbitrary. Numbering by size makes cluster 0 the segment's largest, run after run.
    numbered as (
        select
            segment,
            kmeans_label,
            cluster_size,
            row_number() over (partition by segment order by cluster_size desc, smallest_customer_id) - 1 as cluster_id
        from sizes
    )

select
    kmeans_clusters.customer_id,
    kmeans_clusters.segment,
    cast(numbered.cluster_id as integer) as cluster_id,
    kmeans_clusters.segment || ' Cluster ' || numbered.cluster_id as cluster_name,
    numbered.cluster_size,
    cast(kmeans_clusters.silhouette as double) as silhouette
from kmeans_clusters
inner join
    numbered on kmeans_clusters.segment = numbered.segment and kmeans_clusters.kmeans_label = numbered.kmeans_label
