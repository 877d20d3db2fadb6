-- Where fewer customers than the targets are led to a product: those of the clusters that buy it most, of a cluster who
-- bought anything last.
{%- set targets = var("targets_per_product") %}
{%- set ranked = "learned_candidates" if is_learned() else "rule_targets" %}

with

    customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out),

    clusters as (select customer_number, group_number from {{ ref("comparison_groups") }} where group_step = 1),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    closed_pairs as (select customer_number, product_number, why from {{ ref("closed_pairs") }}),

    ranked_pairs as (
        select customer_number, product_number from {{ ref(ranked) }} semi join customers using (customer_number)
    ),

    baskets as (
        select customer_number, {{ recency("min(days_since_last_purchase)") }} as recency
        from {{ ref("market_basket") }}
        group by customer_number
    ),

    members as (
        select
            clusters.group_number,
            customers.customer_number,
            baskets.recency,
            row_number() over (
                partition by clusters.group_number
                order by {{ score("0", "0", "baskets.recency") }} desc, customers.customer_number
            ) as number_in_cluster
        from customers
        inner join clusters using (customer_number)
        inner join baskets using (customer_number)
    ),

    member_counts as (select group_number, count(*) as members from members group by group_number),

    -- Excluded pairs and rated ones are targets for certain or not, of the ranked ones all others are.
    uncertain_pairs as (
        select customer_number, product_number
        from closed_pairs
        where why = 'excluded'
        union all
        select customer_number, product_number
        from ratings
    ),

    uncertain_counts as (select product_number, count(*) as pairs from uncertain_pairs group by product_number),

    certain_counts as (
        select product_number, count(*) as pairs
        from ranked_pairs
        anti join ratings using (customer_number, product_number)
        group by product_number
    ),

    -- Of products that lack targets. reach: so many customers hold enough of them.
    popularity as (
        select
            popularity.*,
            {{ targets }} + coalesce(uncertain_counts.pairs, 0) as reach,
            greatest(member_counts.members - popularity.buyers, 0) as customers
        from {{ ref("popularity") }} as popularity
        inner join member_counts using (group_number)
        left join uncertain_counts using (product_number)
        left join certain_counts using (product_number)
        where popularity.group_step = 1 and coalesce(certain_counts.pairs, 0) < {{ targets }}
    ),

    shares as (
        select
            *,
            sum(customers) over (partition by product_number order by share desc)
            - sum(customers) over (partition by product_number, share) as customers_of_larger_shares
        from popularity
    ),

    -- With the cluster of the customer: of joins by cluster alone there would be too many rows.
    pairs as (
        select members.customer_number, shares.product_number, members.group_number, members.recency
        from shares
        inner join members using (group_number)
        where
            -- Clusters of a smaller share are not looked at where those of larger ones have enough customers.
            shares.customers_of_larger_shares < shares.reach
            and members.number_in_cluster <= shares.buyers + shares.reach
        union
        select members.customer_number, ratings.product_number, members.group_number, members.recency
        from ratings
        inner join members using (customer_number)
    ),

    matches as (
        select
            pairs.customer_number,
            pairs.product_number,
            popularity.buyers,
            popularity.group_customers,
            {{ score("popularity.share", "popularity.share", "pairs.recency") }} as score,
            popularity.share,
            pairs.recency,
            ratings.product_number is not null as is_rated
        from pairs
        inner join popularity using (group_number, product_number)
        left join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
        anti join ranked_pairs using (customer_number, product_number)
    ),

    customers_in_order as (
        select
            *,
            row_number() over (
                partition by product_number, is_rated order by share desc, score desc, customer_number
            ) as number
        from matches
    )

select
    '{{ ranked_candidates() | first }}' as ranker,
    customer_number,
    product_number,
    cast(null as integer) as trigger_number,
    1 as group_step,
    cast(null as bigint) as pin_position,
    buyers as supporting_customers,
    group_customers as base_customers,
    score,
    share as support,
    share as confidence,
    recency,
    'popular' as evidence,
    'cluster' as compared_with,
    cast(null as double) as purchase_chance,
    true as is_target_only
from customers_in_order
where is_rated or number <= {{ targets }}
