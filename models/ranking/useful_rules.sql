-- No rule is left out that could reach a place. On dense baskets few are left of tens of millions.
with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    probe_floors as (select * from {{ ref("probe_floors") }}),

    rules as (select * from {{ ref("rules") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    products as (select product_number, may_be_shown from {{ ref("product_numbers") }}),

    -- What a rule must bring without recency to reach any customer's floor. The billionth keeps rounding in the last
    -- digit from hiding one that just reaches it.
    lowest_useful_scores as (
        select
            customer_clusters.cluster_number,
            min(
                coalesce(probe_floors.floor_score, 0)
                - ({{ score("0", "0", recency("market_basket.days_since_last_purchase")) }})
            )
            - 1e-9 as score
        from market_basket
        inner join customer_clusters on market_basket.customer_number = customer_clusters.customer_number
        left join probe_floors on market_basket.customer_number = probe_floors.customer_number
        group by customer_clusters.cluster_number
    ),

    -- Rules to these stay in any case: a rating may lift one from below the floor.
    rated_products as (
        select distinct customer_clusters.cluster_number, ratings.product_number
        from ratings
        inner join customer_clusters on ratings.customer_number = customer_clusters.customer_number
    )

select
    rules.cluster_number,
    rules.product_number_a,
    rules.product_number_b,
    rules.customers_with_a,
    rules.customers_with_both,
    rules.support,
    rules.confidence,
    row_number() over (
        partition by rules.cluster_number, rules.product_number_a
        order by {{ score("rules.confidence", "rules.support", "0") }} desc, rules.product_number_b
    ) as position
from rules
inner join lowest_useful_scores on rules.cluster_number = lowest_useful_scores.cluster_number
inner join products on rules.product_number_b = products.product_number
left join
    rated_products
    on rules.cluster_number = rated_products.cluster_number
    and rules.product_number_b = rated_products.product_number
where
    (
        {{ score("rules.confidence", "rules.support", "0") }} >= lowest_useful_scores.score
        or rated_products.product_number is not null
    )
    and products.may_be_shown
