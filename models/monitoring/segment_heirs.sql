with

    published_customers as (select customer_id, segment from {{ ref("published_customers") }}),

    customers as (select customer_id, segment from {{ ref("stg_customers") }}),

    counted as (
        select
            published_customers.segment as previous_segment,
            customers.segment,
            row_number() over (
                partition by published_customers.segment order by count(*) desc, customers.segment nulls last
            ) as place
        from published_customers
        inner join customers on published_customers.customer_id = customers.customer_id
        group by published_customers.segment, customers.segment
    )

select previous_segment, segment
from counted
where place = 1
