-- A lower bound per customer: a score that the last place in its list has at least, so that rules below it may be left
-- out. It is the score of that place when only a few products are looked at, the most bought ones that rules of the
-- cluster lead to. On dense baskets it leaves few rules of tens of millions.
{%- set places = var("recommendations_per_customer") %}

with

    market_basket as (
        select customer_number, product_number, {{ recency("days_since_last_purchase") }} as recency
        from {{ ref("market_basket") }}
    ),

    clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    products as (select product_number, aisle_number from {{ ref("product_numbers") }} where may_be_shown),

    -- What rules lead to in a cluster, the most bought first.
    popular as (
        select
            rules.cluster_number,
            rules.product_number_b as product_number,
            products.aisle_number,
            row_number() over (
                partition by rules.cluster_number order by max(rules.customers_with_b) desc, rules.product_number_b
            ) as position
        from {{ ref("rules") }} as rules
        inner join products on rules.product_number_b = products.product_number
        group by rules.cluster_number, rules.product_number_b, products.aisle_number
    ),

    -- A rated product may be dropped, so it fills no place for certain either.
    uncertain_pairs as (
        select customer_number, product_number
        from {{ ref("closed_pairs") }}
        union
        select customer_number, product_number
        from {{ ref("current_ratings") }}
    ),

    -- Before so many of these products that can be shown stand at most the others.
    reaches as (
        select customer_number, count(*) + 2 * {{ places }} as reach from uncertain_pairs group by customer_number
    ),

    open_products as (
        select
            reaches.customer_number,
            popular.product_number,
            popular.position,
            -- So many of one aisle as a list may hold: else the last of them would be no place that a list can have.
            {{ place_in_aisle("reaches.customer_number", "popular.position") }} as place_in_aisle
        from reaches
        inner join clusters using (customer_number)
        inner join popular on clusters.cluster_number = popular.cluster_number and popular.position <= reaches.reach
        anti join
            uncertain_pairs
            on reaches.customer_number = uncertain_pairs.customer_number
            and popular.product_number = uncertain_pairs.product_number
    ),

    probes as (
        select
            customer_number, product_number, row_number() over (partition by customer_number order by position) as place
        from open_products
        where place_in_aisle <= {{ places_in_aisle() }}
    ),

    probe_scores as (
        select
            probes.customer_number,
            probes.product_number,
            max({{ score("rules.confidence", "rules.support", "market_basket.recency") }}) as score
        from probes
        inner join clusters using (customer_number)
        inner join market_basket using (customer_number)
        inner join
            {{ ref("rules") }} as rules
            on clusters.cluster_number = rules.cluster_number
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

    floors as (select customer_number, score from probes_in_order where place = {{ places }}),

    baskets as (select customer_number, max(recency) as recency from market_basket group by customer_number)

select
    clusters.customer_number,
    clusters.cluster_number,
    coalesce(floors.score, 0) as floor_score,
    -- What a rule must bring without recency to reach the floor. The billionth keeps rounding in the last digit from
    -- hiding one that just reaches it.
    coalesce(floors.score, 0) - ({{ score("0", "0", "baskets.recency") }}) - 1e-9 as least_rule_score
from clusters
inner join baskets using (customer_number)
left join floors using (customer_number)
