-- Names of segments and numbers of clusters change without anybody moving: a cluster goes on as the one that most of
-- its customers are in today.
with

    clusters as (select customer_id, segment, cluster_id from {{ ref("customer_clusters") }}),

    clusters_then as (
        select customer_id, max(segment) as segment, max(cluster_id) as cluster_id
        from {{ source("published", "published_recommendations") }}
        group by customer_id
    ),

    counted as (
        select
            clusters_then.segment as previous_segment,
            clusters_then.cluster_id as previous_cluster_id,
            clusters.segment,
            clusters.cluster_id,
            row_number() over (
                partition by clusters_then.segment, clusters_then.cluster_id
                order by count(*) desc, clusters.segment nulls last, clusters.cluster_id nulls last
            ) as place
        from clusters_then
        inner join clusters using (customer_id)
        group by clusters_then.segment, clusters_then.cluster_id, clusters.segment, clusters.cluster_id
    )

select
    customer_id,
    clusters_then.cluster_id is null and clusters.cluster_id is not null as has_first_basket,
    clusters_then.cluster_id is not null and clusters.cluster_id is null as lost_its_basket,
    coalesce(clusters.segment <> counted.segment or clusters.cluster_id <> counted.cluster_id, false) as has_moved
from clusters_then
left join clusters using (customer_id)
left join
    counted
    on clusters_then.segment = counted.previous_segment
    and clusters_then.cluster_id = counted.previous_cluster_id
    and counted.place = 1
