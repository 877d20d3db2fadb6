{%- set places = var("recommendations_per_customer") %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    -- Read twice rather than kept: it may be the largest table of all.
    associations as not materialized(select * from {{ ref("associations") }}),

    score_floors as (select * from {{ ref("score_floors") }}),

    rated_pairs as (select customer_id, product_id from {{ ref("current_ratings") }}),

    -- Rules and customers as whole numbers: what is joined and sorted is many times what comes out, and numbers cost a
    -- fraction of what texts cost.
    customers as (
        select
            customer_clusters.customer_id,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            cast(row_number() over (order by customer_clusters.customer_id) as integer) as customer_number,
            coalesce(score_floors.floor_score, 0) as floor_score
        from customer_clusters
        left join score_floors on customer_clusters.customer_id = score_floors.customer_id
    ),

    triggers as (
        select
            customers.customer_id,
            customers.customer_number,
            customers.segment,
            customers.cluster_id,
            customers.floor_score,
            market_basket.product_id as product_a,
            {{ recency("market_basket.days_since_last_purchase") }} as recency
        from market_basket
        inner join customers on market_basket.customer_id = customers.customer_id
    ),

    -- What a rule must bring without recency to reach any customer's floor. The billionth keeps rounding in the last
    -- digit from hiding one that just reaches it.
    lowest_useful_scores as (
        select segment, cluster_id, min(floor_score - ({{ score("0", "0", "recency") }})) - 1e-9 as score
        from triggers
        group by segment, cluster_id
    ),

    rules as (
        select associations.*
        from associations
        inner join
            lowest_useful_scores
            on associations.segment = lowest_useful_scores.segment
            and associations.cluster_id = lowest_useful_scores.cluster_id
        where
            {{ score("associations.confidence", "associations.support", "0") }} >= lowest_useful_scores.score
            and {{ may_be_shown("associations.product_b") }}
    ),

    -- A product of a cluster that stands in a rule; inside a cluster in the order of product_id, which settles ties.
    items as (
        select
            segment,
            cluster_id,
            product_id,
            cast(row_number() over (order by segment, cluster_id, product_id) as integer) as item_number
        from
            (
                select segment, cluster_id, product_a as product_id
                from rules
                union
                select segment, cluster_id, product_b as product_id
                from rules
            ) as products_in_rules
    ),

    owned_items as (
        select triggers.customer_number, triggers.recency, triggers.floor_score, items.item_number
        from triggers
        inner join
            items
            on triggers.segment = items.segment
            and triggers.cluster_id = items.cluster_id
            and triggers.product_a = items.product_id
    ),

    rated_items as (
        select customers.customer_number, items.item_number
        from rated_pairs
        inner join customers on rated_pairs.customer_id = customers.customer_id
        inner join
            items
            on customers.segment = items.segment
            and customers.cluster_id = items.cluster_id
            and rated_pairs.product_id = items.product_id
    ),

    numbered_rules as (
        select
            items_a.item_number as item_a,
            items_b.item_number as item_b,
            rules.customers_with_both,
            rules.customers_with_a,
            rules.support,
            rules.confidence,
            row_number() over (
                partition by items_a.item_number order by {{ score("rules.confidence", "rules.support", "0") }} desc
            ) as position
        from rules
        inner join
            items as items_a
            on rules.segment = items_a.segment
            and rules.cluster_id = items_a.cluster_id
            and rules.product_a = items_a.product_id
        inner join
            items as items_b
            on rules.segment = items_b.segment
            and rules.cluster_id = items_b.cluster_id
            and rules.product_b = items_b.product_id
    ),

    -- Of the rules of one trigger a customer cannot be shown those to the other products owned, nor (here) to rated
    -- ones. With so many more as there are places, the last of them is a score that the last place has at least.
    reaches as (
        select owned.customer_number, owned.products - 1 + coalesce(rated.products, 0) + {{ places }} as position
        from (select customer_number, count(*) as products from owned_items group by customer_number) as owned
        left join
            (select customer_number, count(*) as products from rated_items group by customer_number) as rated
            on owned.customer_number = rated.customer_number
    ),

    rule_floors as (
        select
            owned_items.customer_number,
            max(
                {{ score("numbered_rules.confidence", "numbered_rules.support", "owned_items.recency") }}
            ) as floor_score
        from owned_items
        inner join reaches on owned_items.customer_number = reaches.customer_number
        inner join
            numbered_rules
            on owned_items.item_number = numbered_rules.item_a
            and reaches.position = numbered_rules.position
        group by owned_items.customer_number
    ),

    bounded_triggers as (
        select
            owned_items.customer_number,
            owned_items.item_number,
            owned_items.recency,
            greatest(owned_items.floor_score, coalesce(rule_floors.floor_score, 0)) as floor_score
        from owned_items
        left join rule_floors on owned_items.customer_number = rule_floors.customer_number
    ),

    unrated_matches as (
        select
            bounded_triggers.customer_number,
            bounded_triggers.recency,
            numbered_rules.item_a,
            numbered_rules.item_b,
            numbered_rules.confidence,
            numbered_rules.support,
            {{ score("numbered_rules.confidence", "numbered_rules.support", "bounded_triggers.recency") }} as score
        from bounded_triggers
        inner join numbered_rules on bounded_triggers.item_number = numbered_rules.item_a
        anti join
            owned_items
            on bounded_triggers.customer_number = owned_items.customer_number
            and numbered_rules.item_b = owned_items.item_number
        anti join
            rated_items
            on bounded_triggers.customer_number = rated_items.customer_number
            and numbered_rules.item_b = rated_items.item_number
        where
            {{ score("numbered_rules.confidence", "numbered_rules.support", "bounded_triggers.recency") }}
            >= bounded_triggers.floor_score
    ),

    best_unrated_rules as (
        select *
        from unrated_matches
        qualify
            row_number() over (
                partition by customer_number, item_b order by score desc, confidence desc, support desc, item_a
            )
            = 1
    ),

    -- More than the places can never be shown.
    first_unrated_rules as (
        select *
        from best_unrated_rules
        qualify
            row_number() over (partition by customer_number order by score desc, confidence desc, support desc, item_b)
            <= {{ places }}
    ),

    -- Materialized, because DuckDB would first join ratings and rules of all clusters.
    rated_products_and_triggers as materialized(
        select
            triggers.customer_id,
            triggers.segment,
            triggers.cluster_id,
            triggers.product_a,
            triggers.recency,
            rated_pairs.product_id as product_b
        from rated_pairs
        inner join triggers on rated_pairs.customer_id = triggers.customer_id
        anti join
            market_basket
            on rated_pairs.customer_id = market_basket.customer_id
            and rated_pairs.product_id = market_basket.product_id
    ),

    -- Rated products are taken in full: their rating may lift one from below the floor.
    best_rated_rules as (
        select
            triggers.customer_id,
            triggers.recency,
            associations.product_a,
            associations.product_b,
            associations.customers_with_both,
            associations.customers_with_a,
            associations.support,
            associations.confidence,
            {{ score("associations.confidence", "associations.support", "triggers.recency") }} as score
        from rated_products_and_triggers as triggers
        inner join
            associations
            on triggers.segment = associations.segment
            and triggers.cluster_id = associations.cluster_id
            and triggers.product_a = associations.product_a
            and triggers.product_b = associations.product_b
        where {{ may_be_shown("associations.product_b") }}
        qualify
            row_number() over (
                partition by triggers.customer_id, associations.product_b
                order by score desc, associations.confidence desc, associations.support desc, associations.product_a
            )
            = 1
    )

select
    customers.customer_id,
    items_b.product_id as recommended_product,
    items_a.product_id as triggered_by,
    numbered_rules.customers_with_both as supporting_customers,
    numbered_rules.customers_with_a as base_customers,
    first_unrated_rules.score,
    first_unrated_rules.support,
    first_unrated_rules.confidence,
    first_unrated_rules.recency
from first_unrated_rules
inner join customers on first_unrated_rules.customer_number = customers.customer_number
inner join items as items_a on first_unrated_rules.item_a = items_a.item_number
inner join items as items_b on first_unrated_rules.item_b = items_b.item_number
inner join
    numbered_rules
    on first_unrated_rules.item_a = numbered_rules.item_a
    and first_unrated_rules.item_b = numbered_rules.item_b
union all
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
from best_rated_rules
