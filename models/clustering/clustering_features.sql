-- The long form of the customer x category pivot: the wide one costs more in SQL than the whole fit. Python gets whole
-- numbers, because it handles texts many times slower than it handles them.
with

    market_basket_by_category as (select * from {{ ref("market_basket_by_category") }}),

    customers as (
        select
            segment,
            customer_id,
            cast(dense_rank() over (order by segment) as integer) as segment_number,
            cast(row_number() over (order by segment, customer_id) as integer) as customer_number
        from (select distinct segment, customer_id from market_basket_by_category) as customers_with_a_basket
    ),

    categories as (
        select l2_category, cast(row_number() over (order by l2_category) as integer) as category_number
        from (select distinct l2_category from market_basket_by_category) as bought_categories
    )

select
    customers.segment,
    customers.customer_id,
    customers.segment_number,
    customers.customer_number,
    categories.category_number,
    market_basket_by_category.total_quantity
from market_basket_by_category
inner join customers on market_basket_by_category.customer_id = customers.customer_id
inner join categories on market_basket_by_category.l2_category = categories.l2_category
