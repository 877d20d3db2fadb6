with

    pinned_pairs as (
        select customer_number, product_number from {{ ref("overridden_pairs") }} where pin_place is not null
    ),

    ratings as (select * from {{ ref("current_ratings") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number, aisle_number from {{ ref("product_numbers") }}),

    ranked_and_popular as (
        select *
        from {{ ref(ranked_candidates().values() | first) }}
        union all
        select *
        from {{ ref("popularity_candidates") }}
        where ranker = '{{ ranked_candidates() | first }}'
    ),

    -- What is pinned stands in its place only.
    candidates as (
        select *
        from ranked_and_popular
        where pin_place is not null
        union all
        select *
        from ranked_and_popular
        -- ON, because after USING Spark puts these columns first, and rows of a union are of one order.
        anti join
            pinned_pairs
            on ranked_and_popular.customer_number = pinned_pairs.customer_number
            and ranked_and_popular.product_number = pinned_pairs.product_number
    )

select
    customers.customer_id,
    products.product_id as recommended_product,
    triggers.product_id as triggered_by,
    case
        candidates.ladder_step
        when -1
        then 'pinned'
        when 0
        then case candidates.ranker when 'learned' then 'learned' else 'association' end
        when 1
        then 'cluster_popularity'
        when 2
        then 'segment_popularity'
        when 3
        then 'overall_popularity'
    end as source,
    ratings.rating,
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    products.aisle_number,
    candidates.ladder_step,
    candidates.pin_place,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.score,
    coalesce(ratings.rating_multiplier, 1) as rating_multiplier,
    candidates.score * coalesce(ratings.rating_multiplier, 1) as rated_score,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    -- Only what somebody rated can be dropped: an unrated candidate with a low score is still the best there is.
    ratings.rating is not null
    and candidates.pin_place is null
    and candidates.score * ratings.rating_multiplier < {{ var("min_final_score") }} as is_dropped,
    candidates.evidence,
    candidates.compared_with,
    candidates.purchase_chance
from candidates
inner join customers using (customer_number)
inner join products using (product_number)
left join products as triggers on candidates.trigger_number = triggers.product_number
left join ratings using (customer_number, product_number)
