with

    recommendation_candidates as (select * from {{ ref("recommendation_candidates") }}),

    current_ratings as (select * from {{ ref("current_ratings") }}),

    rated as (
        select
            recommendation_candidates.* exclude (score),
            recommendation_candidates.score as original_score,
            current_ratings.rating,
            coalesce(current_ratings.rating_multiplier, 1.0) as rating_multiplier,
            recommendation_candidates.score * coalesce(current_ratings.rating_multiplier, 1.0) as score
        from recommendation_candidates
        left join
            current_ratings
            on recommendation_candidates.customer_id = current_ratings.customer_id
            and recommendation_candidates.recommended_product = current_ratings.product_id
    )

select *
from rated
-- Only what somebody rated can be dropped: an unrated candidate with a low score is still the best there is.
where rating is null or score >= {{ var("min_final_score") }}
