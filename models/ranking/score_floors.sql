-- A lower bound per customer: a score that the last position in its list has at least, so that rules below it may be
-- left out. It is the score of that position when only a few products are looked at, the most popular ones of the
-- cluster. On dense baskets it leaves few rules of tens of millions.
{%- set positions = var("recommendations_per_customer") %}

with

    market_basket as (
        select customer_number, product_number, {{ recency("days_since_last_purchase") }} as recency
        from {{ ref("market_basket") }}
    ),

    clusters as (select customer_number, cluster_number from {{ ref("comparison_groups") }} where group_step = 1),

    -- A cluster's group has the cluster's number.
    popularity as (select * from {{ ref("popularity") }} where group_step = 1),

    products as (select product_number, aisle_number from {{ ref("product_numbers") }} where may_be_shown),

    -- A rated product may be dropped, so it fills no position for certain either.
    uncertain_pairs as (
        select customer_number, product_number
        from {{ ref("closed_pairs") }}
        union
        select customer_number, product_number
        from {{ ref("current_ratings") }}
    ),

    -- Before so many popular products that can be shown stand at most the others.
    reaches as (
        select customer_number, count(*) + 2 * {{ positions }} as reach from uncertain_pairs group by customer_number
    ),

    open_products as (
        select
            reaches.customer_number,
            popularity.product_number,
            popularity.position,
            -- So many of one aisle as a list may hold: else the last of them would be no position that a list can have.
            {{ position_in_aisle("reaches.customer_number", "popularity.position, popularity.product_number") }}
            as position_in_aisle
        from reaches
        inner join clusters using (customer_number)
        inner join
            popularity on clusters.cluster_number = popularity.group_number and popularity.position <= reaches.reach
        inner join products using (product_number)
        anti join uncertain_pairs using (customer_number, product_number)
    ),

    probes as (
        select
            customer_number,
            product_number,
            row_number() over (partition by customer_number order by position, product_number) as number
        from open_products
        where position_in_aisle <= {{ positions_in_aisle() }}
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
        where probes.number <= 2 * {{ positions }}
        group by probes.customer_number, probes.product_number
    ),

    probes_in_order as (
        select
            customer_number,
            score,
            row_number() over (partition by customer_number order by score desc, product_number) as number
        from probe_scores
    ),

    floors as (select customer_number, score from probes_in_order where number = {{ positions }}),

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
