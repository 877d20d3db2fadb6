-- What lists say of a product, and whether they may show it. Money by decimals: sums of floats depend on their order.
with

    products as (select * from {{ ref("stg_products") }}),

    product_numbers as (select * from {{ ref("product_numbers") }})

select
    product_numbers.product_number,
    product_numbers.aisle_number,
    product_numbers.may_be_shown,
    products.product_id,
    products.product_name,
    try_cast(products.unit_price as decimal(18, 6)) as unit_price
from product_numbers
inner join products on product_numbers.product_id = products.product_id
