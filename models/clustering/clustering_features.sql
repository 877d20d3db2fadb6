-- The long form of the customer x category pivot: the wide one costs more in SQL than the whole fit.
with market_basket_by_category as (select * from {{ ref("market_basket_by_category") }})

select segment, customer_id, l2_category, total_quantity
from market_basket_by_category
