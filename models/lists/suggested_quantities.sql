with

    final_places as (select customer_number, product_number from {{ ref("final_places") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    popularity as (select * from {{ ref("popularity") }}),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    purchases as (select * from {{ ref("purchases") }} where quantity > 0),

    -- The group whose orders answer: the nearest in which anybody kept the product.
    groups_with_buyers as (
        select
            final_places.customer_number,
            final_places.product_number,
            comparison_groups.group_number,
            row_number() over (
                partition by final_places.customer_number, final_places.product_number
                order by comparison_groups.ladder_step
            ) as place
        from final_places
        inner join comparison_groups on final_places.customer_number = comparison_groups.customer_number
        inner join
            popularity
            on comparison_groups.group_number = popularity.group_number
            and final_places.product_number = popularity.product_number
        where popularity.buyers > 0
    ),

    answering as (select customer_number, product_number, group_number from groups_with_buyers where place = 1),

    asked as (select distinct group_number, product_number from answering),

    -- Who kept the product; who returned it all is no buyer.
    buyers as (
        select asked.group_number, market_basket.customer_number, market_basket.product_number
        from market_basket
        inner join comparison_groups on market_basket.customer_number = comparison_groups.customer_number
        inner join
            asked
            on comparison_groups.group_number = asked.group_number
            and market_basket.product_number = asked.product_number
    ),

    medians as (
        select buyers.group_number, buyers.product_number, median(cast(purchases.quantity as double)) as quantity
        from purchases
        inner join
            buyers
            on purchases.customer_number = buyers.customer_number
            and purchases.product_number = buyers.product_number
        group by buyers.group_number, buyers.product_number
    )

select
    final_places.customer_number,
    final_places.product_number,
    cast(greatest(ceil(coalesce(medians.quantity, 1)), 1) as bigint) as suggested_quantity
from final_places
left join
    answering
    on final_places.customer_number = answering.customer_number
    and final_places.product_number = answering.product_number
left join medians on answering.group_number = medians.group_number and answering.product_number = medians.product_number
