-- A lower bound per customer: the score of the last place when only a few products are looked at, the most popular
-- ones of the cluster that the customer neither owns nor has rated. The true last place scores at least that much,
-- so rule_candidates may leave out every rule below it. On dense baskets that is nearly all of them; with a small
-- basket there are not enough rules to be worth the bound.
{%- set places = var("recommendations_per_customer") %}

with

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    associations as (select * from {{ ref("associations") }}),

    popularity as (select * from {{ ref("popularity") }}),

    rated_pairs as (select customer_id, product_id from {{ ref("current_ratings") }}),

    rated_counts as (select customer_id, count(*) as rated_products from rated_pairs group by customer_id),

    basket_sizes as (
        select customer_id, count(*) as basket_products
        from market_basket
        group by customer_id
        having count(*) >= {{ large_basket() }}
    ),

    large_baskets as (
        select market_basket.*
        from market_basket
        semi join basket_sizes on market_basket.customer_id = basket_sizes.customer_id
    ),

    probes as (
        select customer_clusters.customer_id, popularity.segment, popularity.cluster_id, popularity.product_id
        from customer_clusters
        inner join basket_sizes on customer_clusters.customer_id = basket_sizes.customer_id
        left join rated_counts on customer_clusters.customer_id = rated_counts.customer_id
        inner join
            popularity
            on popularity.ladder_step = 1
            and customer_clusters.segment = popularity.segment
            and customer_clusters.cluster_id = popularity.cluster_id
            and popularity.position
            <= basket_sizes.basket_products + coalesce(rated_counts.rated_products, 0) + 2 * {{ places }}
        anti join
            large_baskets
            on customer_clusters.customer_id = large_baskets.customer_id
            and popularity.product_id = large_baskets.product_id
        anti join
            rated_pairs
            on customer_clusters.customer_id = rated_pairs.customer_id
            and popularity.product_id = rated_pairs.product_id
        qualify
            row_number() over (partition by customer_clusters.customer_id order by popularity.position)
            <= 2 * {{ places }}
    ),

    probe_scores as (
        select
            probes.customer_id,
            probes.product_id,
            max(
                {{
                    score(
                        "associations.confidence",
                        "associations.support",
                        recency("large_baskets.days_since_last_purchase"),
                    )
                }}
            ) as score
        from probes
        inner join large_baskets on probes.customer_id = large_baskets.customer_id
        inner join
            associations
            on probes.segment = associations.segment
            and probes.cluster_id = associations.cluster_id
            and large_baskets.product_id = associations.product_a
            and probes.product_id = associations.product_b
        group by probes.customer_id, probes.product_id
    )

select customer_id, score as floor_score
from probe_scores
qualify row_number() over (partition by customer_id order by score desc, product_id) = {{ places }}
