-- Where fewer customers than the places are led to a product: those of the clusters that buy it most, of a cluster who
-- bought anything last.
{%- set places = var("targets_per_product") %}
{%- set ranked = "learned_candidates" if is_learned() else "rule_targets" %}

with

    customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out),

    clusters as (select customer_number, group_number from {{ ref("comparison_groups") }} where group_step = 1),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    closed_pairs as (select customer_number, product_number, why from {{ ref("closed_pairs") }}),

    ranked_pairs as (select customer_number, product_number from {{ ref(ranked) }}),

    baskets as (
        select customer_number, {{ recency("min(days_since_last_purchase)") }} as recency
        from {{ ref("market_basket") }}
        group by customer_number
    ),

    members as (
        select
            clusters.group_number,
            customers.customer_number,
            row_number() over (
                partition by clusters.group_number
                order by {{ score("0", "0", "baskets.recency") }} desc, customers.customer_number
            ) as place
        from customers
        inner join clusters using (customer_number)
        inner join baskets using (customer_number)
    ),

    member_counts as (select group_number, count(*) as customers from members group by group_number),

    -- Excluded pairs and rated ones fill no place for certain, of the ranked ones all others do.
    counted_pairs as (
        select product_number, 1 as uncertain, 0 as certain
        from closed_pairs
        where why = 'excluded'
        union all
        select product_number, 1 as uncertain, 0 as certain
        from ratings
        union all
        select ranked_pairs.product_number, 0 as uncertain, 1 as certain
        from ranked_pairs
        semi join customers using (customer_number)
        anti join
            ratings
            on ranked_pairs.customer_number = ratings.customer_number
            and ranked_pairs.product_number = ratings.product_number
    ),

    counts as (
        select product_number, sum(uncertain) as uncertain, sum(certain) as certain
        from counted_pairs
        group by product_number
    ),

    -- Of products whose places are not all taken.
    popularity as (
        select popularity.*, {{ places }} + coalesce(counts.uncertain, 0) as reach
        from {{ ref("popularity") }} as popularity
        left join counts on popularity.product_number = counts.product_number
        where popularity.group_step = 1 and coalesce(counts.certain, 0) < {{ places }}
    ),

    shares as (
        select popularity.*, greatest(member_counts.customers - popularity.buyers, 0) as customers
        from popularity
        inner join member_counts on popularity.group_number = member_counts.group_number
    ),

    equal_shares as (
        select product_number, share, sum(customers) as customers from shares group by product_number, share
    ),

    -- Clusters of a smaller share are not looked at where those of larger ones have enough customers.
    larger_shares as (
        select
            product_number,
            share,
            coalesce(
                sum(customers) over (
                    partition by product_number order by share desc rows between unbounded preceding and 1 preceding
                ),
                0
            ) as customers
        from equal_shares
    ),

    pairs as (
        select members.customer_number, shares.product_number
        from shares
        inner join larger_shares using (product_number, share)
        inner join
            members on shares.group_number = members.group_number and members.place <= shares.buyers + shares.reach
        where larger_shares.customers < shares.reach
        union
        select customer_number, product_number
        from ratings
        semi join customers using (customer_number)
    ),

    matches as (
        select
            pairs.customer_number,
            pairs.product_number,
            popularity.buyers,
            popularity.group_customers,
            {{ score("popularity.share", "popularity.share", "baskets.recency") }} as score,
            popularity.share,
            baskets.recency,
            ratings.product_number is not null as is_rated
        from pairs
        inner join clusters using (customer_number)
        inner join popularity using (group_number, product_number)
        inner join baskets using (customer_number)
        left join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
        anti join ranked_pairs using (customer_number, product_number)
    ),

    customers_in_order as (
        select
            *,
            row_number() over (
                partition by product_number, is_rated order by share desc, score desc, customer_number
            ) as place
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
where is_rated or place <= {{ places }}
