-- The strongest true sentence about each learned candidate: of its product's the first that holds for the customer,
-- which has the trigger, or buys in the aisle. The position is a number, so that of many matches only one number is
-- kept.
with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    products as (select product_number, aisle_number from {{ ref("product_numbers") }}),

    evidence_strengths as (select * from {{ ref("evidence_strengths") }}),

    asked as (
        select
            learned_strengths.customer_number,
            learned_strengths.product_number,
            products.aisle_number,
            comparison_groups.group_number
        from {{ ref("learned_strengths") }} as learned_strengths
        inner join {{ ref("comparison_groups") }} as comparison_groups using (customer_number)
        inner join products using (product_number)
    ),

    matches as (
        select asked.customer_number, asked.product_number, min(evidence_strengths.place) as place
        from asked
        inner join market_basket as owned on asked.customer_number = owned.customer_number
        inner join
            evidence_strengths
            on asked.group_number = evidence_strengths.group_number
            and asked.product_number = evidence_strengths.product_number
            and owned.product_number = evidence_strengths.trigger_number
        group by asked.customer_number, asked.product_number
        union all
        select asked.customer_number, asked.product_number, min(evidence_strengths.place) as place
        from asked
        inner join evidence_strengths using (group_number, product_number)
        left join
            (
                select distinct market_basket.customer_number, products.aisle_number
                from market_basket
                inner join products using (product_number)
            ) as aisles
            on asked.customer_number = aisles.customer_number
            and asked.aisle_number = aisles.aisle_number
        where
            evidence_strengths.evidence = 'popular'
            or evidence_strengths.evidence = 'same_aisle'
            and aisles.customer_number is not null
        group by asked.customer_number, asked.product_number
    ),

    strongest as (
        select customer_number, product_number, min(place) as place
        from matches
        group by customer_number, product_number
    )

select
    strongest.customer_number,
    strongest.product_number,
    evidence_strengths.trigger_number,
    evidence_strengths.evidence,
    evidence_strengths.group_step,
    evidence_strengths.supporting_customers,
    evidence_strengths.base_customers,
    evidence_strengths.group_customers
from strongest
inner join evidence_strengths using (product_number, place)
