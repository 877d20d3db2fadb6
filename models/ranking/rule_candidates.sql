with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    useful_rules as (select * from {{ ref("useful_rules") }}),

    score_floors as (select * from {{ ref("score_floors") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    triggers as (
        select
            market_basket.customer_number,
            customer_clusters.cluster_number,
            market_basket.product_number,
            {{ recency("market_basket.days_since_last_purchase") }} as recency,
            coalesce(score_floors.floor_score, 0) as floor_score
        from market_basket
        inner join customer_clusters on market_basket.customer_number = customer_clusters.customer_number
        left join score_floors on market_basket.customer_number = score_floors.customer_number
    ),

    matches as (
        select
            triggers.customer_number,
            useful_rules.product_number_a,
            useful_rules.product_number_b,
            useful_rules.customers_with_both,
            useful_rules.customers_with_a,
            {{ score("useful_rules.confidence", "useful_rules.support", "triggers.recency") }} as score,
            useful_rules.support,
            useful_rules.confidence,
            triggers.recency,
            ratings.product_number is not null as is_rated
        from triggers
        inner join
            useful_rules
            on triggers.cluster_number = useful_rules.cluster_number
            and triggers.product_number = useful_rules.product_number_a
        left join
            ratings
            on triggers.customer_number = ratings.customer_number
            and useful_rules.product_number_b = ratings.product_number
        anti join
            market_basket
            on triggers.customer_number = market_basket.customer_number
            and useful_rules.product_number_b = market_basket.product_number
        anti join
            excluded_pairs
            on triggers.customer_number = excluded_pairs.customer_number
            and useful_rules.product_number_b = excluded_pairs.product_number
        where
            -- Rated products are taken in full: their rating may lift one from below the floor.
            ratings.product_number is not null
            or {{ score("useful_rules.confidence", "useful_rules.support", "triggers.recency") }}
            >= triggers.floor_score
    ),

    rules_in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, product_number_b
                order by score desc, confidence desc, support desc, product_number_a
            ) as place_among_rules
        from matches
    ),

    best_rules as (select * from rules_in_order where place_among_rules = 1),

    products_in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, is_rated order by {{ by_score(["score"], "product_number_b") }}
            ) as place_among_products
        from
            {{
                first_of_aisles(
                    "best_rules",
                    ["customer_number", "is_rated"],
                    by_score(["score"], "product_number_b"),
                    "product_number_b",
                    "is_rated",
                )
            }}
    )

select
    customer_number,
    product_number_b as product_number,
    product_number_a as trigger_number,
    customers_with_both as supporting_customers,
    customers_with_a as base_customers,
    score,
    support,
    confidence,
    recency
from products_in_order
-- More unrated products than the places can never be shown.
where is_rated or place_among_products <= {{ var("recommendations_per_customer") }}
