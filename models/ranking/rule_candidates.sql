{%- set places = var("recommendations_per_customer") %}
{#- Rules are looked up by score band, so that only those near or above a customer's floor are touched. Any number gives the same rows. #}
{%- set bands = 20 %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    associations as (select * from {{ ref("associations") }}),

    score_floors as (select * from {{ ref("score_floors") }}),

    rated_pairs as (select distinct customer_id, product_id from {{ ref("stg_feedback") }}),

    triggers as (
        select
            market_basket.customer_id,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            market_basket.product_id as product_a,
            {{ recency("market_basket.days_since_last_purchase") }} as recency,
            coalesce(score_floors.floor_score, 0) as floor_score
        from market_basket
        inner join customer_clusters on market_basket.customer_id = customer_clusters.customer_id
        left join score_floors on market_basket.customer_id = score_floors.customer_id
    ),

    rules as (
        select *, cast(floor({{ bands }} * ({{ score("confidence", "support", "0") }})) as integer) as band
        from associations
        where {{ may_be_shown("product_b") }}
    ),

    -- The billionth keeps rounding in the last digit from hiding a rule that just reaches the floor.
    banded_triggers as (
        select
            *,
            unnest(
                generate_series(
                    greatest(
                        cast(floor({{ bands }} * (floor_score - ({{ score("0", "0", "recency") }}) - 1e-9)) as integer),
                        0
                    ),
                    {{ bands }}
                )
            ) as band
        from triggers
    ),

    unrated_matches as (
        select
            banded_triggers.customer_id,
            banded_triggers.recency,
            rules.product_a,
            rules.product_b,
            rules.customers_with_both,
            rules.customers_with_a,
            rules.support,
            rules.confidence,
            {{ score("rules.confidence", "rules.support", "banded_triggers.recency") }} as score
        from banded_triggers
        inner join
            rules
            on banded_triggers.segment = rules.segment
            and banded_triggers.cluster_id = rules.cluster_id
            and banded_triggers.product_a = rules.product_a
            and banded_triggers.band = rules.band
        anti join
            market_basket
            on banded_triggers.customer_id = market_basket.customer_id
            and rules.product_b = market_basket.product_id
        anti join
            rated_pairs
            on banded_triggers.customer_id = rated_pairs.customer_id
            and rules.product_b = rated_pairs.product_id
        where {{ score("rules.confidence", "rules.support", "banded_triggers.recency") }} >= banded_triggers.floor_score
    ),

    -- Rated products are taken in full: their rating may lift one from below the floor.
    rated_matches as (
        select
            triggers.customer_id,
            triggers.recency,
            rules.product_a,
            rules.product_b,
            rules.customers_with_both,
            rules.customers_with_a,
            rules.support,
            rules.confidence,
            {{ score("rules.confidence", "rules.support", "triggers.recency") }} as score
        from rated_pairs
        inner join triggers on rated_pairs.customer_id = triggers.customer_id
        inner join
            rules
            on triggers.segment = rules.segment
            and triggers.cluster_id = rules.cluster_id
            and triggers.product_a = rules.product_a
            and rated_pairs.product_id = rules.product_b
        anti join
            market_basket
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

    best_rules as (
        select *
        from matches
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
