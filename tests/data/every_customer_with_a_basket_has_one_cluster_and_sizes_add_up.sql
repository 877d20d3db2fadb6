-- Harm: a customer that clustering loses takes its history out of every rule, and gets strangers' favorites; and every
-- support is a share of cluster_size, so that a wrong size makes all rules of the cluster wrong at once.
with

    baskets as (select distinct customer_id, segment from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    profiles as (select segment, cluster_id, customer_count from {{ ref("cluster_profiles") }}),

    counted as (
        select segment, cluster_id, count(*) as customers, min(cluster_size) as smallest, max(cluster_size) as largest
        from customer_clusters
        group by segment, cluster_id
    )

select coalesce(baskets.customer_id, customer_clusters.customer_id) as whose, count(*) as clusters
from baskets
full join customer_clusters on baskets.customer_id = customer_clusters.customer_id
group by baskets.customer_id, customer_clusters.customer_id
having count(*) <> 1 or max(baskets.segment) is distinct from max(customer_clusters.segment)
union all
select coalesce(counted.segment, profiles.segment) as whose, coalesce(counted.cluster_id, profiles.cluster_id)
from counted
full join profiles on counted.segment = profiles.segment and counted.cluster_id = profiles.cluster_id
where
    counted.customers is distinct from counted.smallest
    or counted.customers is distinct from counted.largest
    or counted.customers is distinct from profiles.customer_count
