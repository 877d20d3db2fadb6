-- A pin is for what the customer does not have; an exclude beats it.
with

    pairs as (select * from {{ ref("overridden_pairs") }} where pin_row is not null and not is_excluded),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    products as (select * from {{ ref("product_numbers") }})

select
    pairs.customer_number,
    pairs.product_number,
    row_number() over (partition by pairs.customer_number order by pairs.pin_row, pairs.product_number) as pin_place
from pairs
inner join products on pairs.product_number = products.product_number
anti join
    market_basket
    on pairs.customer_number = market_basket.customer_number
    and pairs.product_number = market_basket.product_number
where {{ may_be_shown("products") }}
