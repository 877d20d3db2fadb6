{%- set places = var("recommendations_per_customer") -%}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    associations as (select * from {{ ref("associations") }}),

    rated_pairs as (select distinct customer_id, product_id from {{ ref("stg_feedback") }}),

    rated_counts as (select customer_id, count(*) as rated_products from rated_pairs group by customer_id),

    basket_sizes as (select customer_id, count(*) as basket_products from market_basket group by customer_id),

    -- Inside a cluster the consequents of one product have the same order for every customer. At most
    -- basket_products + rated_products of them are owned or rated (rated ones are taken in full below), so the
    -- best unrated ones stand among the first `reach`. This cut changes no result.
    triggers as (
        select
            market_basket.customer_id,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            market_basket.product_id as product_a,
            {{ recency("market_basket.days_since_last_purchase") }} as recency,
            basket_sizes.basket_products + coalesce(rated_counts.rated_products, 0) + {{ places }} - 1 as reach
        from market_basket
        inner join customer_clusters on market_basket.customer_id = customer_clusters.customer_id
        inner join basket_sizes on market_basket.customer_id = basket_sizes.customer_id
        left join rated_counts on market_basket.customer_id = rated_counts.customer_id
    ),

    -- rank(), and on rounded scores: rules that tie, or that rounding in the last digit could make tie once the
    -- recency is added, are cut or kept together.
    rules as (
        select
            *,
            rank() over (
                partition by segment, cluster_id, product_a
                order by round({{ score("confidence", "support", "0") }}, 12) desc
            ) as position
        from associations
    ),

    unrated_matches as (
        select triggers.customer_id, triggers.recency, rules.*
        from triggers
        inner join
            rules
            on triggers.segment = rules.segment
            and triggers.cluster_id = rules.cluster_id
            and triggers.product_a = rules.product_a
            and rules.position <= triggers.reach
        anti join market_basket
            on triggers.customer_id = market_basket.customer_id
            and rules.product_b = market_basket.product_id
        anti join rated_pairs
            on triggers.customer_id = rated_pairs.customer_id
            and rules.product_b = rated_pairs.product_id
    ),

    rated_matches as (
        select triggers.customer_id, triggers.recency, rules.*
        from rated_pairs
        inner join triggers on rated_pairs.customer_id = triggers.customer_id
        inner join
            rules
            on triggers.segment = rules.segment
            and triggers.cluster_id = rules.cluster_id
            and triggers.product_a = rules.product_a
            and rated_pairs.product_id = rules.product_b
        anti join market_basket
            on triggers.customer_id = market_basket.customer_id
            and rules.product_b = market_basket.product_id
    ),

    matches as (
        select *, false as is_rated
        from unrated_matches
        union all
        select *, true as is_rated
        from rated_matches
    ),

    scored as (select *, {{ score("confidence", "support", "recency") }} as score from matches),

    best_rules as (
        select *
        from scored
        qualify
            row_number() over (
                partition by customer_id, product_b order by score desc, confidence desc, support desc, product_a
            )
            = 1
    )

select
    customer_id,
    product_b as recommended_product,
    product_a as triggered_by,
    customers_with_both as supporting_customers,
    customers_with_a as base_customers,
    score,
    support,
    confidence,
    recency
from best_rules
-- Of the unrated ones no more than the places can ever be shown; of the rated ones any may climb or fall.
qualify
    is_rated
    or row_number() over (
        partition by customer_id, is_rated order by score desc, confidence desc, support desc, product_b
    )
    <= {{ places }}
