-- Harm: every support is a share of cluster_size; a wrong size makes all rules of the cluster wrong at once.
with

    counted as (
        select segment, cluster_id, count(*) as customers, min(cluster_size) as smallest, max(cluster_size) as largest
        from {{ ref("customer_clusters") }}
        group by segment, cluster_id
    ),

    profiles as (select segment, cluster_id, customer_count from {{ ref("cluster_profiles") }})

select *
from counted
full join profiles using (segment, cluster_id)
where
    counted.customers is distinct from counted.smallest
    or counted.customers is distinct from counted.largest
    or counted.customers is distinct from profiles.customer_count
