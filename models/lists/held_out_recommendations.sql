with

    final_places as (select * from {{ ref("final_places") }} where list_name = 'final'),

    held_out as (select customer_number from {{ ref("customer_numbers") }} where is_held_out),

    as_of as (select as_of_date from {{ ref("as_of") }})

select
    final_places.customer_id,
    final_places.rank,
    final_places.recommended_product,
    final_places.suggested_quantity,
    final_places.rating,
    final_places.score,
    final_places.source,
    final_places.triggered_by,
    as_of.as_of_date
from final_places
semi join held_out using (customer_number)
cross join as_of
