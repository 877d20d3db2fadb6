-- The customers to whom rules lead best for every product, whatever position it has in their own lists. Held-out
-- customers are nobody's target.
{%- set targets = var("targets_per_product") %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out),

    clusters as (select customer_number, cluster_number from {{ ref("comparison_groups") }} where group_step = 1),

    products as (select product_number from {{ ref("product_numbers") }} where may_be_shown),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    closed_pairs as (select customer_number, product_number from {{ ref("closed_pairs") }}),

    triggers as (
        select
            market_basket.customer_number,
            clusters.cluster_number,
            market_basket.product_number as trigger_number,
            {{ recency("market_basket.days_since_last_purchase") }} as recency
        from market_basket
        inner join clusters using (customer_number)
        semi join customers using (customer_number)
    ),

    -- One row per pair by a maximum: many rules may lead a customer to a product, and windows over all would not fit.
    -- Nor would a copy of the rules, which are read twice.
    best_scores as (
        select
            triggers.customer_number,
            rules.product_number_b as product_number,
            max({{ score("rules.confidence", "rules.support", "triggers.recency") }}) as best_score
        from triggers
        inner join
            {{ ref("rules") }} as rules
            on triggers.cluster_number = rules.cluster_number
            and triggers.trigger_number = rules.product_number_a
        group by triggers.customer_number, rules.product_number_b
    ),

    open_pairs as (
        select best_scores.*, ratings.product_number is not null as is_rated
        from best_scores
        semi join products using (product_number)
        left join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
    ),

    open_in_order as (
        select
            *,
            row_number() over (
                partition by product_number, is_rated order by best_score desc, customer_number
            ) as number
        from open_pairs
    ),

    -- What the last target of a product has. The billionth keeps rounding in the last digit from hiding its equals.
    floors as (
        select product_number, min(best_score) - 1e-9 as floor_score
        from open_in_order
        where number <= {{ targets }} and not is_rated
        group by product_number
    ),

    -- Rated pairs may be dropped, and are kept beside the targets.
    best_pairs as (
        select open_pairs.*, clusters.cluster_number
        from open_pairs
        inner join clusters using (customer_number)
        left join floors using (product_number)
        where open_pairs.is_rated or open_pairs.best_score >= floors.floor_score
    ),

    matches as (
        select
            best_pairs.customer_number,
            best_pairs.product_number,
            triggers.trigger_number,
            rules.customers_with_both,
            rules.customers_with_a,
            {{ score("rules.confidence", "rules.support", "triggers.recency") }} as score,
            rules.support,
            rules.confidence,
            triggers.recency,
            best_pairs.is_rated
        from best_pairs
        inner join
            {{ ref("rules") }} as rules
            on best_pairs.cluster_number = rules.cluster_number
            and best_pairs.product_number = rules.product_number_b
        inner join
            triggers
            on best_pairs.customer_number = triggers.customer_number
            and rules.product_number_a = triggers.trigger_number
        where {{ score("rules.confidence", "rules.support", "triggers.recency") }} >= best_pairs.best_score - 1e-9
    ),

    rules_in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, product_number order by {{ by_score("trigger_number") }}
            ) as position_among_rules
        from matches
    ),

    customers_in_order as (
        select
            *,
            row_number() over (
                partition by product_number, is_rated order by {{ by_score("customer_number") }}
            ) as position_among_customers
        from rules_in_order
        where position_among_rules = 1
    )

select {{ columns_of_rule_candidates(is_target_only=true) }}
from customers_in_order
where is_rated or position_among_customers <= {{ targets }}
