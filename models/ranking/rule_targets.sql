-- The customers to whom rules lead best for every product, whatever place it has in their own lists. Held-out customers
-- are nobody's target.
{%- set places = var("targets_per_product") %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out),

    clusters as (
        select customer_number, group_number as cluster_number from {{ ref("comparison_groups") }} where ladder_step = 1
    ),

    products as (select product_number from {{ ref("product_numbers") }} where may_be_shown),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    closed_pairs as (select customer_number, product_number, why from {{ ref("closed_pairs") }}),

    rules as (
        select
            rules.*,
            rules.product_number_a as trigger_number,
            rules.product_number_b as product_number,
            {{ score("rules.confidence", "rules.support", "0") }} as least_score
        from {{ ref("rules") }} as rules
        inner join products on rules.product_number_b = products.product_number
    ),

    held_out as (
        select cluster_number, count(*) as customers
        from clusters
        anti join customers using (customer_number)
        group by cluster_number
    ),

    -- What the best rule of a cluster brings at least, and to how many customers; each has one cluster.
    best_rules as (
        select
            product_number,
            cluster_number,
            max(least_score) as least_score,
            max_by(customers_with_a - customers_with_both, least_score) as customers
        from rules
        group by product_number, cluster_number
    ),

    -- Excluded pairs and rated ones, which may be dropped, fill no place for certain.
    uncertain as (
        select product_number, count(*) as pairs
        from
            (
                select product_number
                from closed_pairs
                where why = 'excluded'
                union all
                select product_number
                from ratings
            ) as pairs
        group by product_number
    ),

    reached as (
        select
            best_rules.product_number,
            best_rules.least_score,
            sum(greatest(best_rules.customers - coalesce(held_out.customers, 0), 0)) over (
                partition by best_rules.product_number
                order by best_rules.least_score desc, best_rules.cluster_number
                rows between unbounded preceding and current row
            ) as customers
        from best_rules
        left join held_out using (cluster_number)
    ),

    -- A score that the last place of a product has at least. Most rules cannot reach it.
    floors as (
        select reached.product_number, max(reached.least_score) as least_score
        from reached
        left join uncertain using (product_number)
        where reached.customers >= {{ places }} + coalesce(uncertain.pairs, 0)
        group by reached.product_number
    ),

    rated_products as (select distinct product_number from ratings),

    -- The billionth keeps rounding in the last digit from hiding a rule that just reaches the floor.
    useful_rules as (
        select rules.*, coalesce(floors.least_score, 0) - 1e-9 as floor_score
        from rules
        left join floors using (product_number)
        left join rated_products using (product_number)
        where
            {{ score("rules.confidence", "rules.support", "1") }} >= coalesce(floors.least_score, 0)
            or rated_products.product_number is not null
    ),

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

    matches as (
        select
            triggers.customer_number,
            useful_rules.product_number,
            useful_rules.trigger_number,
            useful_rules.customers_with_both,
            useful_rules.customers_with_a,
            {{ score("useful_rules.confidence", "useful_rules.support", "triggers.recency") }} as score,
            useful_rules.floor_score,
            useful_rules.support,
            useful_rules.confidence,
            triggers.recency
        from triggers
        inner join useful_rules using (cluster_number, trigger_number)
        anti join closed_pairs using (customer_number, product_number)
    ),

    rules_in_order as (
        select
            matches.*,
            ratings.product_number is not null as is_rated,
            row_number() over (
                partition by matches.customer_number, matches.product_number order by {{ by_score("trigger_number") }}
            ) as place_among_rules
        from matches
        left join ratings using (customer_number, product_number)
        where matches.score >= matches.floor_score or ratings.product_number is not null
    ),

    customers_in_order as (
        select
            *,
            row_number() over (
                partition by product_number, is_rated order by {{ by_score("customer_number") }}
            ) as place_among_customers
        from rules_in_order
        where place_among_rules = 1
    )

select
    'formula' as ranker,
    customer_number,
    product_number,
    trigger_number,
    0 as ladder_step,
    cast(null as bigint) as pin_place,
    customers_with_both as supporting_customers,
    customers_with_a as base_customers,
    score,
    support,
    confidence,
    recency,
    'bought_together' as evidence,
    'cluster' as compared_with,
    cast(null as double) as purchase_chance,
    true as is_target_only
from customers_in_order
where is_rated or place_among_customers <= {{ places }}
