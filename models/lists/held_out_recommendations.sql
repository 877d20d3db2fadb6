with

    final_places as (select * from {{ ref("final_places") }}),

    suggested_quantities as (select * from {{ ref("suggested_quantities") }}),

    held_out_customers as (select * from {{ ref("held_out_customers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }})

select
    held_out_customers.customer_id,
    cast(final_places.rank as integer) as rank,
    products.product_id as recommended_product,
    suggested_quantities.suggested_quantity,
    final_places.rating,
    final_places.score,
    final_places.source,
    trigger_products.product_id as triggered_by,
    as_of.as_of_date
from final_places
inner join held_out_customers on final_places.customer_number = held_out_customers.customer_number
inner join products on final_places.product_number = products.product_number
inner join
    suggested_quantities
    on final_places.customer_number = suggested_quantities.customer_number
    and final_places.product_number = suggested_quantities.product_number
left join products as trigger_products on final_places.trigger_number = trigger_products.product_number
cross join as_of
