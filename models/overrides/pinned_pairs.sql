-- A pin is for what the customer does not have; an exclude beats it.
with

    pins as (select * from {{ ref("overridden_pairs") }} where pin_row is not null),

    closed_pairs as (select customer_number, product_number from {{ ref("closed_pairs") }}),

    products as (select product_number from {{ ref("product_numbers") }} where may_be_shown)

select
    pins.customer_number,
    pins.product_number,
    row_number() over (partition by pins.customer_number order by pins.pin_row, pins.product_number) as pin_place
from pins
semi join products on pins.product_number = products.product_number
anti join
    closed_pairs
    on pins.customer_number = closed_pairs.customer_number
    and pins.product_number = closed_pairs.product_number
