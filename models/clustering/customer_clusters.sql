with

    kmeans_clusters as (select * from {{ ref("kmeans_clusters") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    labelled as (select * from customers inner join kmeans_clusters using (customer_number)),

    sizes as (
        select segment_number, kmeans_label, count(*) as cluster_size, min(customer_number) as first_customer_number
        from labelled
        group by segment_number, kmeans_label
    ),

    -- K-Means labels are arbitrary. Numbering by size makes cluster 0 the segment's largest, run after run.
    clusters as (
        select
            *,
            row_number() over (partition by segment_number order by cluster_size desc, first_customer_number)
            - 1 as cluster_id,
            row_number() over (order by segment_number, cluster_size desc, first_customer_number) as cluster_number
        from sizes
    )

select
    labelled.customer_id,
    labelled.segment,
    cast(clusters.cluster_id as integer) as cluster_id,
    labelled.segment || ' Cluster ' || clusters.cluster_id as cluster_name,
    clusters.cluster_size,
    cast(labelled.silhouette as double) as silhouette,
    labelled.customer_number,
    cast(clusters.cluster_number as integer) as cluster_number
from labelled
inner join clusters using (segment_number, kmeans_label)
