with

    candidates as (select * from {{ ref("recommendation_candidates") }} where not is_dropped),

    places as ({{ fill_places("candidates", ["rated_score", "score"]) }})

select
    source,
    rating,
    customer_number,
    product_number,
    trigger_number,
    rank,
    supporting_customers,
    base_customers,
    rated_score as score,
    score as original_score,
    rating_multiplier,
    support,
    confidence,
    recency,
    evidence,
    purchase_chance
from places
