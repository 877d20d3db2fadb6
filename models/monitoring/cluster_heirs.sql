with

    published_customers as (select customer_id, segment, cluster_id from {{ ref("published_customers") }}),

    customer_clusters as (select customer_id, segment, cluster_id from {{ ref("customer_clusters") }}),

    counted as (
        select
            published_customers.segment as previous_segment,
            published_customers.cluster_id as previous_cluster_id,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            row_number() over (
                partition by published_customers.segment, published_customers.cluster_id
                order by count(*) desc, customer_clusters.segment nulls last, customer_clusters.cluster_id nulls last
            ) as place
        from published_customers
        inner join customer_clusters on published_customers.customer_id = customer_clusters.customer_id
        where published_customers.cluster_id is not null
        group by
            published_customers.segment,
            published_customers.cluster_id,
            customer_clusters.segment,
            customer_clusters.cluster_id
    )

select previous_segment, previous_cluster_id, segment, cluster_id
from counted
where place = 1
