with spoken_positions as (select * from {{ ref("spoken_positions") }} where list_name = 'final' and is_held_out)

select
    customer_id,
    rank,
    recommended_product,
    suggested_quantity,
    rating,
    rated_score as score,
    source,
    triggered_by,
    as_of_date
from spoken_positions
