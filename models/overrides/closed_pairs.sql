-- Excluded wins: what is bought again must not be offered either. A view, because a copy of the basket would cost more
-- than it saves.
with

    excluded as (select customer_number, product_number from {{ ref("overridden_pairs") }} where is_excluded),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }})

select market_basket.customer_number, market_basket.product_number, 'owned' as why
from market_basket
anti join
    excluded
    on market_basket.customer_number = excluded.customer_number
    and market_basket.product_number = excluded.product_number
union all
select excluded.customer_number, excluded.product_number, 'excluded' as why
from excluded
