with

    places as (select * from {{ ref("list_places") }} where list_name = 'final'),

    candidates as (select * from {{ ref("recommendation_candidates") }})

select
    candidates.source,
    candidates.rating,
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    places.rank,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.rated_score as score,
    candidates.score as original_score,
    candidates.rating_multiplier,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    candidates.evidence,
    candidates.purchase_chance
from candidates
inner join
    places on candidates.customer_number = places.customer_number and candidates.product_number = places.product_number
