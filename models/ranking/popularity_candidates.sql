{%- set places = var("recommendations_per_customer") -%}

with

    customers as (select * from {{ ref("stg_customers") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    rule_candidates as (select * from {{ ref("rule_candidates") }}),

    popularity as (select * from {{ ref("popularity") }}),

    rated_pairs as (select customer_id, product_id from {{ ref("current_ratings") }}),

    rated_counts as (select customer_id, count(*) as rated_products from rated_pairs group by customer_id),

    baskets as (
        select customer_id, count(*) as basket_products, {{ recency("min(days_since_last_purchase)") }} as recency
        from market_basket
        group by customer_id
    ),

    -- A rated rule candidate may be dropped, an unrated one never: only these fill a place for certain.
    certain_rules as (
        select rule_candidates.customer_id, count(*) as products
        from rule_candidates
        anti join
            rated_pairs
            on rule_candidates.customer_id = rated_pairs.customer_id
            and rule_candidates.recommended_product = rated_pairs.product_id
        group by rule_candidates.customer_id
    ),

    -- How far down a list the last product that can be shown may stand: before it come at most the owned, the rated
    -- (taken in full below), those that a rule or a higher step already shows, and the shown ones themselves.
    customers_to_fill as (
        select
            customers.customer_id,
            customers.segment,
            customer_clusters.cluster_id,
            coalesce(baskets.recency, 0) as recency,
            coalesce(baskets.basket_products, 0) + coalesce(rated_counts.rated_products, 0) + 3 * {{ places }} as reach
        from customers
        left join customer_clusters on customers.customer_id = customer_clusters.customer_id
        left join baskets on customers.customer_id = baskets.customer_id
        left join rated_counts on customers.customer_id = rated_counts.customer_id
        left join certain_rules on customers.customer_id = certain_rules.customer_id
        where coalesce(certain_rules.products, 0) < {{ places }}
    ),

    matches as (
        {% for step, condition in [
            (
                1,
                "customers_to_fill.segment = popularity.segment and customers_to_fill.cluster_id = popularity.cluster_id",
            ),
            (2, "customers_to_fill.segment = popularity.segment"),
            (3, "true"),
        ] %}
            {{ "union all" if not loop.first }}
            select
                customers_to_fill.customer_id,
                customers_to_fill.recency,
                popularity.product_id,
                popularity.ladder_step,
                popularity.buyers,
                popularity.group_customers,
                popularity.share
            from customers_to_fill
            inner join popularity on popularity.ladder_step = {{ step }} and {{ condition }}
            left join
                rated_pairs
                on customers_to_fill.customer_id = rated_pairs.customer_id
                and popularity.product_id = rated_pairs.product_id
            where popularity.position <= customers_to_fill.reach or rated_pairs.product_id is not null
        {% endfor %}
    ),

    not_owned as (
        select matches.*
        from matches
        anti join
            market_basket
            on matches.customer_id = market_basket.customer_id
            and matches.product_id = market_basket.product_id
    ),

    highest_step as (
        select *
        from not_owned
        qualify row_number() over (partition by customer_id, product_id order by ladder_step) = 1
    )

select
    customer_id,
    product_id as recommended_product,
    ladder_step,
    buyers as supporting_customers,
    group_customers as base_customers,
    {{ score("share", "share", "recency") }} as score,
    share as support,
    share as confidence,
    recency
from highest_step
