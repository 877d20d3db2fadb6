with

    lists as (select customer_id, recommended_product from {{ ref("final_recommendations") }}),

    published_lists as (
        select customer_id, recommended_product from {{ source("published", "published_recommendations") }}
    ),

    published_customers as (select customer_id from {{ ref("published_customers") }})

select count(*) as places, count(*) filter (where published_lists.customer_id is null) as places_changed
from lists
semi join published_customers on lists.customer_id = published_customers.customer_id
left join
    published_lists
    on lists.customer_id = published_lists.customer_id
    and lists.recommended_product = published_lists.recommended_product
