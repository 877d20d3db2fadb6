-- The long form of the customer x category pivot: the wide one costs more in SQL than the whole fit. Python gets whole
-- numbers, because it handles texts many times slower than it handles them.
with

    market_basket_by_category as (select * from {{ ref("market_basket_by_category") }}),

    customers as (select * from {{ ref("customer_numbers") }})

select
    customers.segment_number,
    market_basket_by_category.customer_number,
    market_basket_by_category.category_number,
    market_basket_by_category.total_quantity
from market_basket_by_category
inner join customers on market_basket_by_category.customer_number = customers.customer_number
