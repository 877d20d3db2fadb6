with

    recommendation_candidates as (select * from {{ ref("recommendation_candidates") }}),

    ranked as ({{ fill_places("recommendation_candidates", ["score"]) }})

select
    customer_id,
    recommended_product,
    triggered_by,
    source,
    cast(rank as integer) as rank,
    supporting_customers,
    base_customers,
    score,
    support,
    confidence,
    recency,
    evidence,
    purchase_chance
from ranked {{ without_held_out("ranked") }}
