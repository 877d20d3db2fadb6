with

    list_positions as (select * from {{ ref("list_positions") }} where list_name = 'before_feedback'),

    candidates as (select * from {{ ref("recommendation_candidates") }}),

    shown_customers as (select customer_number from {{ ref("customer_numbers") }} where not is_held_out)

select
    candidates.customer_id,
    list_positions.rank,
    candidates.recommended_product,
    candidates.score,
    candidates.purchase_chance,
    candidates.source,
    candidates.triggered_by,
    candidates.confidence,
    candidates.support,
    candidates.recency,
    candidates.evidence,
    candidates.compared_with,
    candidates.supporting_customers,
    candidates.base_customers
from candidates
inner join list_positions using (customer_number, product_number)
semi join shown_customers using (customer_number)
