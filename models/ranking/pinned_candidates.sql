-- What stands first because somebody put it there, with the counts of the nearest group in which it was bought.
with

    pinned_pairs as (select * from {{ ref("pinned_pairs") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    popularity as (select * from {{ ref("popularity") }}),

    market_basket as (select customer_number, days_since_last_purchase from {{ ref("market_basket") }}),

    baskets as (
        select customer_number, {{ recency("min(days_since_last_purchase)") }} as recency
        from market_basket
        group by customer_number
    ),

    counted as (
        select
            pinned_pairs.customer_number,
            pinned_pairs.product_number,
            pinned_pairs.pin_place,
            popularity.ladder_step,
            popularity.buyers,
            popularity.group_customers,
            popularity.share,
            coalesce(baskets.recency, 0) as recency,
            row_number() over (
                partition by pinned_pairs.customer_number, pinned_pairs.product_number order by popularity.ladder_step
            ) as place
        from pinned_pairs
        inner join comparison_groups on pinned_pairs.customer_number = comparison_groups.customer_number
        inner join
            popularity
            on comparison_groups.group_number = popularity.group_number
            and pinned_pairs.product_number = popularity.product_number
        left join baskets on pinned_pairs.customer_number = baskets.customer_number
    )

select
    customer_number,
    product_number,
    pin_place,
    buyers as supporting_customers,
    group_customers as base_customers,
    {{ score("share", "share", "recency") }} as score,
    share as support,
    share as confidence,
    recency,
    {{ group_of_step("ladder_step") }} as evidence
from counted
where place = 1
