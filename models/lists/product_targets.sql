with spoken_positions as (select * from {{ ref("spoken_positions") }} where list_name = 'target')

select
    recommended_product as product_id,
    product_name,
    rank,
    customer_id,
    customer_name,
    account_manager,
    suggested_quantity,
    suggested_value,
    suggested_margin,
    explanation as sentence,
    rating,
    rated_score as score,
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
    as_of_date
from spoken_positions
