-- A lower bound per customer, for small baskets, too. Of the rules of one trigger a customer cannot be shown those to
-- the other products owned, nor to excluded ones, nor (here) to rated ones. With so many more as there are places, the
-- last of them is a score that the last place has at least.
with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select customer_number, cluster_number from {{ ref("customer_clusters") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    useful_rules as (select * from {{ ref("useful_rules") }}),

    probe_floors as (select * from {{ ref("probe_floors") }}),

    items as (
        select cluster_number, product_number_a as product_number
        from useful_rules
        union
        select cluster_number, product_number_b as product_number
        from useful_rules
    ),

    closed as (
        select customer_number, product_number
        from ratings
        union
        select customer_number, product_number
        from {{ ref("closed_pairs") }}
        where why = 'excluded'
    ),

    closed_items as (
        select closed.customer_number, count(*) as products
        from closed
        inner join customer_clusters on closed.customer_number = customer_clusters.customer_number
        semi join
            items
            on customer_clusters.cluster_number = items.cluster_number
            and closed.product_number = items.product_number
        group by closed.customer_number
    ),

    owned_items as (
        select
            market_basket.customer_number,
            items.cluster_number,
            items.product_number,
            {{ recency("market_basket.days_since_last_purchase") }} as recency,
            count(*) over (partition by market_basket.customer_number) as products
        from market_basket
        inner join customer_clusters on market_basket.customer_number = customer_clusters.customer_number
        inner join
            items
            on customer_clusters.cluster_number = items.cluster_number
            and market_basket.product_number = items.product_number
    ),

    floors as (
        select
            owned_items.customer_number,
            {{ score("useful_rules.confidence", "useful_rules.support", "owned_items.recency") }} as score
        from owned_items
        left join closed_items on owned_items.customer_number = closed_items.customer_number
        inner join
            useful_rules
            on owned_items.cluster_number = useful_rules.cluster_number
            and owned_items.product_number = useful_rules.product_number_a
            and useful_rules.position
            = owned_items.products - 1 + coalesce(closed_items.products, 0) + {{ var("recommendations_per_customer") }}
        -- Not with a limit per aisle: so many products may all be of one.
        where {{ var("max_per_l3_category") }} = 0
        union all
        select customer_number, floor_score as score
        from probe_floors
    )

select customer_number, max(score) as floor_score
from floors
group by customer_number
