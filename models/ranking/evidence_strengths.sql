-- Every true sentence that could be told about a candidate, with its counts, the strongest first. Only what candidates
-- ask for is counted: all pairs among all customers would be too many.
{%- set last_day = end_of_last_month("as_of_date") %}

with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    popularity as (select * from {{ ref("popularity") }}),

    products as (select product_number, aisle_number from {{ ref("product_numbers") }}),

    learned_strengths as (select * from {{ ref("learned_strengths") }}),

    asked as (
        select distinct comparison_groups.group_number, learned_strengths.product_number
        from learned_strengths
        inner join comparison_groups using (customer_number)
    ),

    -- Together: in the cluster every rule, in all groups the product of the customer's own that fits best.
    asked_triggers as (
        select distinct
            comparison_groups.group_number, learned_strengths.product_number, learned_strengths.trigger_number
        from learned_strengths
        inner join comparison_groups using (customer_number)
        where learned_strengths.trigger_number is not null
    ),

    -- A trigger beside itself, too: so many are its buyers.
    asked_pairs as (
        select group_number, product_number, trigger_number
        from asked_triggers
        union
        select group_number, trigger_number as product_number, trigger_number
        from asked_triggers
    ),

    clusters as (select customer_number, cluster_number from comparison_groups where group_step = 1),

    buyers as (select product_number, count(*) as buyers from market_basket group by product_number),

    -- Counted once, in the clusters that every group is made of, among the buyers of the product that fewer have.
    pairs_in_clusters as (
        select clusters.cluster_number, pairs.product_number, pairs.trigger_number, count(*) as customers
        from
            (
                select asked.product_number, asked.trigger_number, buyers.buyers < trigger_buyers.buyers as is_rarer
                from (select distinct product_number, trigger_number from asked_pairs) as asked
                inner join buyers on asked.product_number = buyers.product_number
                inner join buyers as trigger_buyers on asked.trigger_number = trigger_buyers.product_number
            ) as pairs
        inner join
            market_basket as rarer
            on case when pairs.is_rarer then pairs.product_number else pairs.trigger_number end = rarer.product_number
        inner join clusters on rarer.customer_number = clusters.customer_number
        semi join
            market_basket as other
            on rarer.customer_number = other.customer_number
            and case when pairs.is_rarer then pairs.trigger_number else pairs.product_number end = other.product_number
        group by clusters.cluster_number, pairs.product_number, pairs.trigger_number
    ),

    groups_of_clusters as (select distinct cluster_number, group_number from comparison_groups),

    pair_counts as (
        select
            asked_pairs.group_number,
            asked_pairs.product_number,
            asked_pairs.trigger_number,
            cast(sum(pairs_in_clusters.customers) as bigint) as customers
        from pairs_in_clusters
        inner join groups_of_clusters using (cluster_number)
        inner join asked_pairs using (group_number, product_number, trigger_number)
        group by asked_pairs.group_number, asked_pairs.product_number, asked_pairs.trigger_number
    ),

    -- Lately: in the newest month that is over. The same pairs as above, of a twentieth of the purchases.
    bought_lately as (
        select distinct purchases.customer_number, purchases.product_number
        from {{ ref("purchases") }} as purchases
        cross join {{ ref("as_of") }} as as_of
        semi join market_basket using (customer_number, product_number)
        where
            purchases.quantity > 0
            and purchases.invoice_date <= {{ last_day }}
            and purchases.invoice_date >= cast(date_trunc('month', {{ last_day }}) as date)
    ),

    lately_in_groups as (
        select comparison_groups.group_number, bought_lately.customer_number, bought_lately.product_number
        from bought_lately
        inner join comparison_groups using (customer_number)
    ),

    lately_counts as (
        select group_number, product_number as trigger_number, count(*) as base_customers
        from lately_in_groups
        group by group_number, product_number
    ),

    lately_pair_counts as (
        select
            candidates.group_number,
            candidates.product_number,
            triggers.product_number as trigger_number,
            count(*) as supporting_customers
        from (select * from lately_in_groups semi join asked using (group_number, product_number)) as candidates
        inner join bought_lately as triggers on candidates.customer_number = triggers.customer_number
        where candidates.product_number <> triggers.product_number
        group by candidates.group_number, candidates.product_number, triggers.product_number
    ),

    aisle_counts as (
        select comparison_groups.group_number, buyers.aisle_number, count(*) as base_customers
        from
            (
                select distinct market_basket.customer_number, products.aisle_number
                from market_basket
                inner join products using (product_number)
            ) as buyers
        inner join comparison_groups using (customer_number)
        group by comparison_groups.group_number, buyers.aisle_number
    ),

    counted as (
        select
            'bought_together' as evidence,
            rules.cluster_number as group_number,
            rules.product_number_b as product_number,
            rules.product_number_a as trigger_number,
            rules.customers_with_both as supporting_customers,
            rules.customers_with_a as base_customers
        from {{ ref("rules") }} as rules
        semi join asked on rules.cluster_number = asked.group_number and rules.product_number_b = asked.product_number
        -- A pair that is a rule, too, stands twice, with the same numbers.
        union all
        select
            'bought_together' as evidence,
            pair_counts.group_number,
            pair_counts.product_number,
            pair_counts.trigger_number,
            pair_counts.customers as supporting_customers,
            trigger_counts.customers as base_customers
        from pair_counts
        inner join
            pair_counts as trigger_counts
            on pair_counts.group_number = trigger_counts.group_number
            and pair_counts.trigger_number = trigger_counts.trigger_number
            and trigger_counts.product_number = trigger_counts.trigger_number
        where
            pair_counts.customers >= {{ var("min_rule_customers") }}
            and pair_counts.product_number <> pair_counts.trigger_number
        union all
        select
            'bought_lately' as evidence,
            lately_pair_counts.group_number,
            lately_pair_counts.product_number,
            lately_pair_counts.trigger_number,
            lately_pair_counts.supporting_customers,
            lately_counts.base_customers
        from lately_pair_counts
        inner join lately_counts using (group_number, trigger_number)
        where lately_pair_counts.supporting_customers >= {{ var("min_rule_customers") }}
        union all
        select
            'same_aisle' as evidence,
            popularity.group_number,
            popularity.product_number,
            cast(null as integer) as trigger_number,
            popularity.buyers as supporting_customers,
            aisle_counts.base_customers
        from popularity
        semi join asked using (group_number, product_number)
        inner join products using (product_number)
        inner join aisle_counts using (group_number, aisle_number)
        where popularity.buyers >= {{ var("min_rule_customers") }}
        union all
        -- Also with fewer behind it: then nothing else can be told.
        select
            'popular' as evidence,
            popularity.group_number,
            popularity.product_number,
            cast(null as integer) as trigger_number,
            popularity.buyers as supporting_customers,
            popularity.group_customers as base_customers
        from popularity
        semi join asked using (group_number, product_number)
    ),

    -- How often it would be true by chance: the product's share of everybody, or of everybody who bought lately.
    chances as (
        select 'bought_lately' as evidence, bought_lately.product_number, count(*) / max(customers.customers) as chance
        from bought_lately
        cross join (select count(distinct customer_number) as customers from bought_lately) as customers
        group by bought_lately.product_number
        union all
        select 'ever' as evidence, product_number, share as chance
        from popularity
        where group_step = 3
    ),

    groups as (select distinct group_number, group_step, group_customers from comparison_groups),

    weighed as (
        select
            counted.*,
            groups.group_step,
            groups.group_customers,
            {{ wilson_bound("counted.supporting_customers", "counted.base_customers", "-") }}
            / nullif(chances.chance, 0) as least_lift
        from counted
        inner join groups using (group_number)
        left join
            chances
            on counted.product_number = chances.product_number
            and case counted.evidence when 'bought_lately' then 'bought_lately' else 'ever' end = chances.evidence
    )

select
    *,
    row_number() over (
        partition by product_number
        order by
            supporting_customers < {{ var("min_rule_customers") }},
            -- Fewer than one in five convinces nobody, however rare it is by chance.
            5 * supporting_customers < base_customers,
            -- Says nothing of this customer.
            evidence = 'popular',
            least_lift desc nulls last,
            supporting_customers desc,
            group_number,
            evidence,
            trigger_number nulls last
    ) as place
from weighed
