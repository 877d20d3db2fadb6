-- The customers to whom rules lead best for every product, whatever position it has in their own lists. Held-out
-- customers
-- are nobody's target.
{%- set targets = var("targets_per_product") %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out),

    clusters as (
        select customer_number, group_number as cluster_number from {{ ref("comparison_groups") }} where group_step = 1
    ),

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

    -- A lower bound per product: the score of its last target when only the best rule of each cluster is looked at. On
    -- dense baskets it leaves few rules of tens of millions. The rules are read twice, because a copy of all would
    -- not fit.
    probes as (
        select
            cluster_number,
            product_number_b as product_number,
            max_by(product_number_a, {{ score("confidence", "support", "0") }}) as trigger_number,
            max({{ score("confidence", "support", "0") }}) as least_score
        from {{ ref("rules") }}
        group by cluster_number, product_number_b
    ),

    probes_in_order as (
        select
            probes.product_number,
            probes.least_score + {{ score("0", "0", "triggers.recency") }} as score,
            row_number() over (
                partition by probes.product_number
                order by probes.least_score + {{ score("0", "0", "triggers.recency") }} desc, triggers.customer_number
            ) as number
        from probes
        inner join triggers using (cluster_number, trigger_number)
        -- Neither is a target for certain.
        anti join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
    ),

    -- The billionth keeps rounding in the last digit from hiding what just reaches it.
    floors as (select product_number, score - 1e-9 as floor_score from probes_in_order where number = {{ targets }}),

    best_recencies as (
        select cluster_number, trigger_number, max(recency) as recency
        from triggers
        group by cluster_number, trigger_number
    ),

    -- A rating may lift a customer from below the floor.
    rated_products as (
        select distinct clusters.cluster_number, ratings.product_number
        from ratings
        inner join clusters using (customer_number)
    ),

    useful_rules as (
        select
            rules.cluster_number,
            rules.product_number_a as trigger_number,
            rules.product_number_b as product_number,
            rules.customers_with_both,
            rules.customers_with_a,
            rules.support,
            rules.confidence,
            coalesce(floors.floor_score, 0) as floor_score
        from {{ ref("rules") }} as rules
        inner join products on rules.product_number_b = products.product_number
        inner join
            best_recencies
            on rules.cluster_number = best_recencies.cluster_number
            and rules.product_number_a = best_recencies.trigger_number
        left join floors on rules.product_number_b = floors.product_number
        left join
            rated_products
            on rules.cluster_number = rated_products.cluster_number
            and rules.product_number_b = rated_products.product_number
        where
            {{ score("rules.confidence", "rules.support", "best_recencies.recency") }}
            >= coalesce(floors.floor_score, 0)
            or rated_products.product_number is not null
    ),

    matches as (
        select
            triggers.customer_number,
            useful_rules.product_number,
            useful_rules.trigger_number,
            useful_rules.customers_with_both,
            useful_rules.customers_with_a,
            {{ score("useful_rules.confidence", "useful_rules.support", "triggers.recency") }} as score,
            useful_rules.support,
            useful_rules.confidence,
            triggers.recency,
            useful_rules.floor_score,
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
