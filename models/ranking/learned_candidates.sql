-- What the ranker chose, as ranking reads it: with a score, and with the counts of the sentence that tells why.
with

    strengths as (select * from {{ ref("learned_strengths") }}),

    evidence as (select * from {{ ref("learned_evidence") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    last_purchases as (
        select customer_number, min(days_since_last_purchase) as days_since_last_purchase
        from market_basket
        group by customer_number
    ),

    told as (
        select
            evidence.*,
            coalesce(
                triggers.days_since_last_purchase, last_purchases.days_since_last_purchase
            ) as days_since_last_purchase
        from evidence
        left join last_purchases using (customer_number)
        left join
            market_basket as triggers
            on evidence.customer_number = triggers.customer_number
            and evidence.trigger_number = triggers.product_number
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
    0 as group_step,
    cast(null as bigint) as pin_position,
    told.supporting_customers,
    told.base_customers,
    -- Strength beside the customer's best unrated candidate: half as likely a purchase as that one is 0.5. Where
    -- nothing was learned there is no chance, and a deviation less in the list counts 1 / e, to 9 decimals: the last
    -- digits of exp() differ by engine and by machine. A rated one may be stronger than the best unrated; it counts as
    -- that one.
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
    told.evidence,
    {{ group_of_step("told.group_step") }} as compared_with,
    strengths.purchase_chance,
    strengths.is_target_only
from strengths
inner join told using (customer_number, product_number)
left join best using (customer_number)
