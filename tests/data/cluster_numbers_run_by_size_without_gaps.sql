-- Harm: "cluster 0" must stay the segment's largest from one night to the next, or every saved query changes meaning.
with

    clusters as (
        select segment, cluster_id, count(*) as customers, min(customer_id) as smallest_customer_id
        from {{ ref("customer_clusters") }}
        group by segment, cluster_id
    )

select *
from clusters
qualify cluster_id <> row_number() over (partition by segment order by customers desc, smallest_customer_id) - 1
