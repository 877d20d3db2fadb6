with

    list_places as (select * from {{ ref("list_places") }} where list_name = 'before_feedback'),

    candidates as (select * from {{ ref("recommendation_candidates") }})

select
    candidates.customer_id,
    candidates.recommended_product,
    candidates.triggered_by,
    candidates.source,
    list_places.rank,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.score,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    candidates.evidence,
    candidates.purchase_chance
from candidates
inner join
    list_places
    on candidates.customer_number = list_places.customer_number
    and candidates.product_number = list_places.product_number {{ without_held_out("candidates") }}
