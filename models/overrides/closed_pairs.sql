-- Excluded wins: what is bought again must not be offered either. A view, because a copy of the basket would cost more
-- than it saves.
with

    excluded as (select customer_number, product_number from {{ ref("overridden_pairs") }} where is_excluded),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }})

select customer_number, product_number, 'owned' as why
from market_basket
anti join excluded using (customer_number, product_number)
union all
select customer_number, product_number, 'excluded' as why
from excluded
