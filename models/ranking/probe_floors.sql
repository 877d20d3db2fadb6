-- A lower bound per customer: the score of the last place when only a few products are looked at, the most popular
-- ones of the cluster that the customer neither owns nor has rated. The true last place scores at least that much,
-- so every rule below it may be left out. On dense baskets that is nearly all of them; with a small
-- basket there are not enough rules to be worth the bound.
{%- set places = var("recommendations_per_customer") %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    rules as (select * from {{ ref("rules") }}),

    popularity as (select * from {{ ref("popularity") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    basket_sizes as (
        select customer_number, count(*) as products
        from market_basket
        group by customer_number
        having count(*) >= {{ large_basket() }}
    ),

    -- What is not probed: the owned, the rated and the excluded.
    left_out as (
        select market_basket.customer_number, market_basket.product_number
        from market_basket
        inner join basket_sizes on market_basket.customer_number = basket_sizes.customer_number
        union
        select ratings.customer_number, ratings.product_number
        from ratings
        inner join basket_sizes on ratings.customer_number = basket_sizes.customer_number
        union
        select excluded_pairs.customer_number, excluded_pairs.product_number
        from excluded_pairs
        inner join basket_sizes on excluded_pairs.customer_number = basket_sizes.customer_number
    ),

    reaches as (select customer_number, count(*) + 2 * {{ places }} as position from left_out group by customer_number),

    open_products as (
        select reaches.customer_number, popularity.product_number, popularity.position
        from reaches
        inner join
            comparison_groups
            on reaches.customer_number = comparison_groups.customer_number
            and comparison_groups.ladder_step = 1
        inner join
            popularity
            on comparison_groups.group_number = popularity.group_number
            and popularity.position <= reaches.position
        anti join
            left_out
            on reaches.customer_number = left_out.customer_number
            and popularity.product_number = left_out.product_number
    ),

    -- So many of one aisle as a list may hold: else the last of them would be no place that a list can have.
    probes as (
        select
            customer_number, product_number, row_number() over (partition by customer_number order by position) as place
        from {{ first_of_aisles("open_products", ["customer_number"], "position") }}
    ),

    probe_scores as (
        select
            probes.customer_number,
            probes.product_number,
            max(
                {{ score("rules.confidence", "rules.support", recency("market_basket.days_since_last_purchase")) }}
            ) as score
        from probes
        inner join customer_clusters on probes.customer_number = customer_clusters.customer_number
        inner join market_basket on probes.customer_number = market_basket.customer_number
        inner join
            rules
            on customer_clusters.cluster_number = rules.cluster_number
            and market_basket.product_number = rules.product_number_a
            and probes.product_number = rules.product_number_b
        where probes.place <= 2 * {{ places }}
        group by probes.customer_number, probes.product_number
    ),

    ordered as (
        select
            customer_number,
            score,
            row_number() over (partition by customer_number order by score desc, product_number) as place
        from probe_scores
    )

select customer_number, score as floor_score
from ordered
where place = {{ places }}
