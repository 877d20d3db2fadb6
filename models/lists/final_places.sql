-- The lists after feedback and the targets of every product, and how many units to suggest.
with

    places as (select * from {{ ref("list_places") }} where list_name in ('final', 'target')),

    candidates as (select * from {{ ref("recommendation_candidates") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    popularity as (select group_number, product_number from {{ ref("popularity") }} where buyers > 0),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    purchases as (select * from {{ ref("purchases") }} where quantity > 0),

    -- The group whose orders answer: the nearest in which anybody kept the product.
    answering as (
        select
            places.customer_number,
            places.product_number,
            min_by(comparison_groups.group_number, comparison_groups.ladder_step) as group_number
        from places
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number, product_number)
        group by places.customer_number, places.product_number
    ),

    asked as (select distinct group_number, product_number from answering),

    -- Who kept the product; who returned it all is no buyer.
    buyers as (
        select asked.group_number, market_basket.customer_number, market_basket.product_number
        from market_basket
        inner join comparison_groups using (customer_number)
        inner join asked using (group_number, product_number)
    ),

    medians as (
        select buyers.group_number, buyers.product_number, median(cast(purchases.quantity as double)) as quantity
        from purchases
        inner join buyers using (customer_number, product_number)
        group by buyers.group_number, buyers.product_number
    )

select
    places.list_name,
    candidates.customer_id,
    candidates.recommended_product,
    candidates.triggered_by,
    candidates.source,
    candidates.rating,
    candidates.evidence,
    candidates.compared_with,
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    places.rank,
    cast(greatest(ceil(coalesce(medians.quantity, 1)), 1) as bigint) as suggested_quantity,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.rated_score as score,
    candidates.score as original_score,
    candidates.rating_multiplier,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    candidates.purchase_chance
from candidates
inner join places using (customer_number, product_number)
left join answering using (customer_number, product_number)
left join medians using (group_number, product_number)
