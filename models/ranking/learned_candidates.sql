-- What the ranker chose, as ranking reads it: with a score, and with the counts of the sentence that tells why.
with

    strengths as (select * from {{ ref("learned_strengths") }}),

    evidence as (select * from {{ ref("learned_evidence") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    popularity as (select * from {{ ref("popularity") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    last_purchases as (
        select customer_number, min(days_since_last_purchase) as days_since_last_purchase
        from market_basket
        group by customer_number
    ),

    -- Where no purchase of the customer's own leads to it: the nearest group in which enough bought it.
    popular as (
        select
            strengths.customer_number,
            strengths.product_number,
            popularity.ladder_step,
            popularity.group_customers,
            popularity.buyers,
            row_number() over (
                partition by strengths.customer_number, strengths.product_number
                order by popularity.buyers < {{ var("min_rule_customers") }}, popularity.ladder_step
            ) as place
        from strengths
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number, product_number)
        anti join evidence using (customer_number, product_number)
    ),

    told as (
        select
            evidence.customer_number,
            evidence.product_number,
            evidence.trigger_number,
            evidence.ladder_step,
            evidence.customers_with_both as supporting_customers,
            evidence.customers_with_a as base_customers,
            evidence.group_customers,
            market_basket.days_since_last_purchase
        from evidence
        inner join
            market_basket
            on evidence.customer_number = market_basket.customer_number
            and evidence.trigger_number = market_basket.product_number
        union all
        select
            popular.customer_number,
            popular.product_number,
            cast(null as bigint) as trigger_number,
            popular.ladder_step,
            popular.buyers as supporting_customers,
            popular.group_customers as base_customers,
            popular.group_customers,
            last_purchases.days_since_last_purchase
        from popular
        left join last_purchases using (customer_number)
        where popular.place = 1
    ),

    best as (
        select strengths.customer_number, max(strengths.strength) as strength, max(strengths.purchase_chance) as chance
        from strengths
        anti join ratings using (customer_number, product_number)
        group by strengths.customer_number
    )

select
    'learned' as ranker,
    cast(strengths.customer_number as integer) as customer_number,
    cast(strengths.product_number as integer) as product_number,
    cast(told.trigger_number as integer) as trigger_number,
    0 as ladder_step,
    cast(null as bigint) as pin_place,
    told.supporting_customers,
    told.base_customers,
    -- Strength beside the customer's best unrated candidate: half as likely a purchase as that one is 0.5. Where
    -- nothing
    -- was learned there is no chance, and a deviation less in the list counts 1 / e, to 9 decimals: the last digits of
    -- exp() differ by engine and by machine. A rated one may be stronger than the best unrated; it counts as that one.
    coalesce(
        least(
            case
                when strengths.purchase_chance is null
                then cast(cast(exp(strengths.strength - best.strength) as decimal(18, 9)) as double)
                when best.chance > 0
                then strengths.purchase_chance / best.chance
            end,
            1
        ),
        1
    ) as score,
    {{ share_of("told.supporting_customers", "told.group_customers") }} as support,
    {{ share_of("told.supporting_customers", "told.base_customers") }} as confidence,
    {{ recency("told.days_since_last_purchase") }} as recency,
    {{ group_of_step("told.ladder_step") }} as evidence,
    strengths.purchase_chance,
    strengths.is_target_only
from strengths
inner join told using (customer_number, product_number)
left join best using (customer_number)
