-- Harm: "cluster 0" must stay the segment's largest from one night to the next, or every saved query changes meaning.
with

    clusters as (
        select segment, cluster_id, count(*) as customers, min(customer_id) as smallest_customer_id
        from {{ ref("customer_clusters") }}
        group by segment, cluster_id
    ),

    places as (
        select
            *,
            row_number() over (partition by segment order by customers desc, smallest_customer_id) - 1 as place_by_size
        from clusters
    )

select *
from places
where cluster_id <> place_by_size
