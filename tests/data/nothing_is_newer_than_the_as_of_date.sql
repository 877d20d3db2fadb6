-- Harm: one purchase from after the as-of date in a back-test, and its hit rate is worth nothing.
select customer_id, product_id, last_purchase_date as newest_date
from {{ ref("market_basket") }}
cross join {{ ref("as_of") }} as as_of
where last_purchase_date > as_of.as_of_date
union all
select customer_id, l2_category, last_purchase_date as newest_date
from {{ ref("market_basket_by_category") }}
cross join {{ ref("as_of") }} as as_of
where last_purchase_date > as_of.as_of_date
