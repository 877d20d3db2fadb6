-- A lower bound per customer: a score that the last place in its list has at least, so that rules below it may be left
-- out. It is known from what a few rules bring to products that can be shown for certain.
{%- set places = var("recommendations_per_customer") %}

with

    market_basket as (
        select customer_number, product_number, {{ recency("days_since_last_purchase") }} as recency
        from {{ ref("market_basket") }}
    ),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }} where ladder_step = 1),

    products as (select product_number, aisle_number from {{ ref("product_numbers") }} where may_be_shown),

    popularity as (select * from {{ ref("popularity") }}),

    -- A rated product may be dropped, so it fills no place for certain either.
    uncertain_pairs as (
        select customer_number, product_number
        from {{ ref("closed_pairs") }}
        union
        select customer_number, product_number
        from {{ ref("current_ratings") }}
    ),

    baskets as (
        select
            market_basket.customer_number,
            customer_clusters.cluster_number,
            count(*) as products,
            max(market_basket.recency) as recency
        from market_basket
        inner join customer_clusters using (customer_number)
        group by market_basket.customer_number, customer_clusters.cluster_number
    ),

    -- Large baskets: the score of the last place when only a few products are looked at, the most popular ones of the
    -- cluster. With a small basket too few rules lead there. On dense baskets the bound leaves few rules of tens of
    -- millions.
    large_baskets as (select * from baskets where products >= {{ large_basket() }}),

    -- Before so many popular products that can be shown stand at most the others.
    reaches as (
        select large_baskets.customer_number, count(*) + 2 * {{ places }} as position
        from large_baskets
        inner join uncertain_pairs using (customer_number)
        group by large_baskets.customer_number
    ),

    open_products as (
        select
            reaches.customer_number,
            popularity.product_number,
            popularity.position,
            -- So many of one aisle as a list may hold: else the last of them would be no place that a list can have.
            {{ place_in_aisle("reaches.customer_number", "popularity.position, popularity.product_number") }}
            as place_in_aisle
        from reaches
        inner join comparison_groups using (customer_number)
        inner join
            popularity
            on comparison_groups.group_number = popularity.group_number
            and popularity.position <= reaches.position
        inner join products using (product_number)
        anti join uncertain_pairs using (customer_number, product_number)
    ),

    probes as (
        select
            customer_number,
            product_number,
            row_number() over (partition by customer_number order by position, product_number) as place
        from open_products
        where place_in_aisle <= {{ places_in_aisle() }}
    ),

    probe_scores as (
        select
            probes.customer_number,
            probes.product_number,
            max({{ score("rules.confidence", "rules.support", "market_basket.recency") }}) as score
        from probes
        inner join customer_clusters using (customer_number)
        inner join market_basket using (customer_number)
        inner join
            {{ ref("rules") }} as rules
            on customer_clusters.cluster_number = rules.cluster_number
            and market_basket.product_number = rules.product_number_a
            and probes.product_number = rules.product_number_b
        where probes.place <= 2 * {{ places }}
        group by probes.customer_number, probes.product_number
    ),

    probes_in_order as (
        select
            customer_number,
            score,
            row_number() over (partition by customer_number order by score desc, product_number) as place
        from probe_scores
    ),

    -- All other baskets: of the rules of one trigger a customer cannot be shown those to the other products owned, nor
    -- to other uncertain ones. With so many more as there are places, the last of them is certain.
    -- Not with a limit per aisle: so many products may all be of one.
    other_baskets as (
        select baskets.*
        from baskets
        anti join
            probes_in_order
            on baskets.customer_number = probes_in_order.customer_number
            and probes_in_order.place = {{ places }}
        where {{ var("max_per_l3_category") }} = 0
    ),

    their_triggers as (
        select distinct other_baskets.cluster_number, market_basket.product_number
        from other_baskets
        inner join market_basket using (customer_number)
    ),

    rules_in_order as (
        select
            rules.cluster_number,
            rules.product_number_a,
            rules.product_number_b,
            rules.support,
            rules.confidence,
            row_number() over (
                partition by rules.cluster_number, rules.product_number_a
                order by {{ score("rules.confidence", "rules.support", "0") }} desc, rules.product_number_b
            ) as place
        from {{ ref("rules") }} as rules
        semi join products on rules.product_number_b = products.product_number
        semi join
            their_triggers
            on rules.cluster_number = their_triggers.cluster_number
            and rules.product_number_a = their_triggers.product_number
    ),

    -- A product that enough of the cluster have for a rule.
    uncertain_items as (
        select
            other_baskets.customer_number,
            other_baskets.cluster_number,
            uncertain_pairs.product_number,
            count(*) over (partition by other_baskets.customer_number) as products
        from other_baskets
        inner join uncertain_pairs using (customer_number)
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number, product_number)
        where {{ is_frequent("popularity.buyers", "popularity.group_customers") }}
    ),

    certain_scores as (
        select customer_number, score
        from probes_in_order
        where place = {{ places }}
        union all
        select
            uncertain_items.customer_number,
            {{ score("rules_in_order.confidence", "rules_in_order.support", "market_basket.recency") }} as score
        from uncertain_items
        inner join market_basket using (customer_number, product_number)
        inner join
            rules_in_order
            on uncertain_items.cluster_number = rules_in_order.cluster_number
            and uncertain_items.product_number = rules_in_order.product_number_a
            and rules_in_order.place = uncertain_items.products - 1 + {{ places }}
    ),

    floors as (select customer_number, max(score) as score from certain_scores group by customer_number)

select
    baskets.customer_number,
    baskets.cluster_number,
    coalesce(floors.score, 0) as floor_score,
    -- What a rule must bring without recency to reach the floor. The billionth keeps rounding in the last digit from
    -- hiding one that just reaches it.
    coalesce(floors.score, 0) - ({{ score("0", "0", "baskets.recency") }}) - 1e-9 as least_rule_score
from baskets
left join floors using (customer_number)
