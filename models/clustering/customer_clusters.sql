with

    kmeans_clusters as (select * from {{ ref("kmeans_clusters") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    labelled as (
        select customers.*, kmeans_clusters.kmeans_label, cast(kmeans_clusters.silhouette as double) as silhouette
        from kmeans_clusters
        inner join customers on kmeans_clusters.customer_number = customers.customer_number
    ),

    sizes as (
        select segment_number, kmeans_label, count(*) as cluster_size, min(customer_number) as first_customer_number
        from labelled
        group by segment_number, kmeans_label
    ),

    -- K-Means labels are arbitrary. Numbering by size makes cluster 0 the segment's largest, run after run.
    clusters as (
        select
            segment_number,
            kmeans_label,
            cluster_size,
            row_number() over (partition by segment_number order by cluster_size desc, first_customer_number)
            - 1 as cluster_id,
            row_number() over (order by segment_number, cluster_size desc, first_customer_number) as cluster_number
        from sizes
    )

select
    labelled.customer_id,
    labelled.segment,
    labelled.customer_number,
    cast(clusters.cluster_number as integer) as cluster_number,
    cast(clusters.cluster_id as integer) as cluster_id,
    labelled.segment || ' Cluster ' || clusters.cluster_id as cluster_name,
    clusters.cluster_size,
    labelled.silhouette
from labelled
inner join
    clusters on labelled.segment_number = clusters.segment_number and labelled.kmeans_label = clusters.kmeans_label
