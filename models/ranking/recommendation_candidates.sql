with

    ranked_candidates as (select * from {{ ref(ranked_candidates()) }}),

    popularity_candidates as (select * from {{ ref("popularity_candidates") }}),

    pinned_candidates as (select * from {{ ref("pinned_candidates") }}),

    ratings as (select * from {{ ref("current_ratings") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    candidates as (
        select
            customer_number,
            product_number,
            trigger_number,
            0 as ladder_step,
            cast(null as bigint) as pin_place,
            supporting_customers,
            base_customers,
            score,
            support,
            confidence,
            recency,
            {{ "evidence" if is_learned() else "'cluster'" }} as evidence,
            {{ "purchase_chance" if is_learned() else "cast(null as double)" }} as purchase_chance
        from ranked_candidates
        union all
        select
            customer_number,
            product_number,
            cast(null as integer) as trigger_number,
            ladder_step,
            cast(null as bigint) as pin_place,
            supporting_customers,
            base_customers,
            score,
            support,
            confidence,
            recency,
            {{ group_of_step("ladder_step") }} as evidence,
            cast(null as double) as purchase_chance
        from popularity_candidates
    ),

    with_pins as (
        select *
        from candidates
        anti join
            pinned_candidates
            on candidates.customer_number = pinned_candidates.customer_number
            and candidates.product_number = pinned_candidates.product_number
        union all
        select
            customer_number,
            product_number,
            cast(null as integer) as trigger_number,
            -1 as ladder_step,
            pin_place,
            supporting_customers,
            base_customers,
            score,
            support,
            confidence,
            recency,
            evidence,
            cast(null as double) as purchase_chance
        from pinned_candidates
    )

select
    customers.customer_id,
    products.product_id as recommended_product,
    triggers.product_id as triggered_by,
    case
        with_pins.ladder_step
        when -1
        then 'pinned'
        when 0
        then '{{ "learned" if is_learned() else "association" }}'
        when 1
        then 'cluster_popularity'
        when 2
        then 'segment_popularity'
        when 3
        then 'overall_popularity'
    end as source,
    ratings.rating,
    with_pins.customer_number,
    with_pins.product_number,
    with_pins.trigger_number,
    with_pins.ladder_step,
    with_pins.pin_place,
    with_pins.supporting_customers,
    with_pins.base_customers,
    with_pins.score,
    coalesce(ratings.rating_multiplier, 1) as rating_multiplier,
    with_pins.score * coalesce(ratings.rating_multiplier, 1) as rated_score,
    with_pins.support,
    with_pins.confidence,
    with_pins.recency,
    -- Only what somebody rated can be dropped: an unrated candidate with a low score is still the best there is.
    ratings.rating is not null
    and with_pins.pin_place is null
    and with_pins.score * ratings.rating_multiplier < {{ var("min_final_score") }} as is_dropped,
    with_pins.evidence,
    with_pins.purchase_chance
from with_pins
inner join customers on with_pins.customer_number = customers.customer_number
inner join products on with_pins.product_number = products.product_number
left join products as triggers on with_pins.trigger_number = triggers.product_number
left join
    ratings on with_pins.customer_number = ratings.customer_number and with_pins.product_number = ratings.product_number
