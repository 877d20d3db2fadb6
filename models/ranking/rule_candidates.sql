with

    market_basket as (select * from {{ ref("market_basket") }}),

    score_floors as (select * from {{ ref("score_floors") }}),

    -- What may not be shown may lead to others: that a customer bought it says what the customer needs.
    products as (select product_number, aisle_number from {{ ref("product_numbers") }} where may_be_shown),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    closed_pairs as (select customer_number, product_number from {{ ref("closed_pairs") }}),

    rules as (select *, product_number_a as trigger_number, product_number_b as product_number from {{ ref("rules") }}),

    cluster_floors as (
        select cluster_number, min(least_rule_score) as least_rule_score from score_floors group by cluster_number
    ),

    -- A rating may lift a product from below the floor.
    rated_products as (
        select distinct score_floors.cluster_number, ratings.product_number
        from ratings
        inner join score_floors using (customer_number)
    ),

    -- No rule is left out that could reach a position. On dense baskets few are left of tens of millions.
    useful_rules as (
        select rules.*, products.aisle_number
        from rules
        inner join cluster_floors using (cluster_number)
        inner join products using (product_number)
        left join rated_products using (cluster_number, product_number)
        where
            {{ score("rules.confidence", "rules.support", "0") }} >= cluster_floors.least_rule_score
            or rated_products.product_number is not null
    ),

    triggers as (
        select
            score_floors.customer_number,
            score_floors.cluster_number,
            score_floors.floor_score,
            market_basket.product_number as trigger_number,
            {{ recency("market_basket.days_since_last_purchase") }} as recency
        from market_basket
        inner join score_floors using (customer_number)
    ),

    matches as (
        select
            triggers.customer_number,
            useful_rules.product_number,
            useful_rules.trigger_number,
            useful_rules.aisle_number,
            useful_rules.customers_with_both,
            useful_rules.customers_with_a,
            {{ score("useful_rules.confidence", "useful_rules.support", "triggers.recency") }} as score,
            useful_rules.support,
            useful_rules.confidence,
            triggers.recency,
            triggers.floor_score,
            ratings.product_number is not null as is_rated
        from triggers
        inner join useful_rules using (cluster_number, trigger_number)
        left join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
    ),

    rules_in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, product_number order by {{ by_score("trigger_number") }}
            ) as position_among_rules
        from matches
        where is_rated or score >= floor_score
    ),

    positioned_in_aisles as (
        select *, {{ position_in_aisle("customer_number, is_rated", by_score()) }} as position_in_aisle
        from rules_in_order
        where position_among_rules = 1
    ),

    products_in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, is_rated order by {{ by_score() }}
            ) as position_among_products
        from positioned_in_aisles
        where is_rated or position_in_aisle <= {{ positions_in_aisle() }}
    )

select {{ columns_of_rule_candidates(is_target_only=false) }}
from products_in_order
-- More unrated products than the positions can never be shown.
where is_rated or position_among_products <= {{ var("recommendations_per_customer") }}
