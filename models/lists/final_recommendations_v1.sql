with

    spoken_positions as (
        select * from {{ ref("spoken_positions") }} where list_name = 'final' and not is_held_out
    )

select
    customer_id,
    customer_name,
    account_manager,
    rank,
    recommended_product,
    product_name,
    suggested_quantity,
    suggested_value,
    suggested_margin,
    reason,
    explanation,
    rating,
    score,
    original_score,
    rating_multiplier,
    purchase_chance,
    source,
    triggered_by,
    confidence,
    support,
    recency,
    evidence,
    compared_with,
    supporting_customers,
    base_customers,
    segment,
    cluster_id,
    as_of_date
from spoken_positions
