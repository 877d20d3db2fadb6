with

    customers as (select customer_id, segment from {{ ref("stg_customers") }}),

    published_customers as (
        select customer_id, segment, cluster_id, places, rule_places from {{ ref("published_customers") }}
    ),

    customer_clusters as (select customer_id, segment, cluster_id from {{ ref("customer_clusters") }}),

    segment_heirs as (select previous_segment, segment from {{ ref("segment_heirs") }}),

    cluster_heirs as (
        select previous_segment, previous_cluster_id, segment, cluster_id from {{ ref("cluster_heirs") }}
    ),

    current_lists as (select customer_id, source, score from {{ ref("final_recommendations") }}),

    market_basket as (select customer_id, last_purchase_date from {{ ref("market_basket") }}),

    published_basket as (select customer_id, last_purchase_date from {{ source("published", "published_basket") }}),

    list_facts as (
        select
            customer_id,
            count(*) as places,
            count(*) filter (where source = 'association') as rule_places,
            min(score) as lowest_score
        from current_lists
        group by customer_id
    ),

    last_purchases as (
        select customer_id, max(last_purchase_date) as last_purchase_date from market_basket group by customer_id
    ),

    previous_last_purchases as (
        select customer_id, max(last_purchase_date) as last_purchase_date from published_basket group by customer_id
    )

select
    customers.customer_id,
    published_customers.customer_id is null as is_new,
    published_customers.cluster_id is null and customer_clusters.cluster_id is not null as has_first_basket,
    published_customers.cluster_id is not null and customer_clusters.cluster_id is null as lost_its_basket,
    coalesce(customers.segment <> segment_heirs.segment, false) as moved_to_another_segment,
    coalesce(
        customer_clusters.segment <> cluster_heirs.segment or customer_clusters.cluster_id <> cluster_heirs.cluster_id,
        false
    ) as moved_to_another_cluster,
    customer_clusters.segment,
    customer_clusters.cluster_id,
    published_customers.segment as previous_segment,
    published_customers.cluster_id as previous_cluster_id,
    list_facts.places > published_customers.places as had_a_free_place,
    list_facts.rule_places - published_customers.rule_places as rule_places_difference,
    list_facts.lowest_score,
    last_purchases.last_purchase_date,
    previous_last_purchases.last_purchase_date as previous_last_purchase_date
from customers
left join published_customers on customers.customer_id = published_customers.customer_id
left join customer_clusters on customers.customer_id = customer_clusters.customer_id
left join segment_heirs on published_customers.segment = segment_heirs.previous_segment
left join
    cluster_heirs
    on published_customers.segment = cluster_heirs.previous_segment
    and published_customers.cluster_id = cluster_heirs.previous_cluster_id
left join list_facts on customers.customer_id = list_facts.customer_id
left join last_purchases on customers.customer_id = last_purchases.customer_id
left join previous_last_purchases on customers.customer_id = previous_last_purchases.customer_id
