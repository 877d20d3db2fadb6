with

    ranked_candidates as (select * from {{ ref(ranked_candidates()) }}),

    popularity_candidates as (select * from {{ ref("popularity_candidates") }}),

    ratings as (select * from {{ ref("current_ratings") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    candidates as (
        select
            customer_number,
            product_number,
            trigger_number,
            0 as ladder_step,
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
            popularity_candidates.customer_number,
            popularity_candidates.product_number,
            cast(null as integer) as trigger_number,
            popularity_candidates.ladder_step,
            popularity_candidates.supporting_customers,
            popularity_candidates.base_customers,
            popularity_candidates.score,
            popularity_candidates.support,
            popularity_candidates.confidence,
            popularity_candidates.recency,
            {{ group_of_step("popularity_candidates.ladder_step") }} as evidence,
            cast(null as double) as purchase_chance
        from popularity_candidates
        -- What is ranked otherwise is no popular product any more, even when its rating drops it.
        anti join
            ranked_candidates
            on popularity_candidates.customer_number = ranked_candidates.customer_number
            and popularity_candidates.product_number = ranked_candidates.product_number
    )

select
    customers.customer_id,
    products.product_id as recommended_product,
    triggers.product_id as triggered_by,
    case
        candidates.ladder_step
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
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    candidates.ladder_step,
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
    and candidates.score * ratings.rating_multiplier < {{ var("min_final_score") }} as is_dropped,
    candidates.evidence,
    candidates.purchase_chance
from candidates
inner join customers on candidates.customer_number = customers.customer_number
inner join products on candidates.product_number = products.product_number
left join products as triggers on candidates.trigger_number = triggers.product_number
left join
    ratings
    on candidates.customer_number = ratings.customer_number
    and candidates.product_number = ratings.product_number
