-- What the customer bought and kept in a year, at today's prices: invoices have none.
with

    purchases as (select * from {{ ref("purchases") }}),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    products as (select product_number, unit_price from {{ ref("listed_products") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    quantities as (
        select
            purchases.customer_number,
            purchases.product_number,
            sum(purchases.quantity_bought - purchases.quantity_returned) as quantity
        from purchases
        semi join
            market_basket
            on purchases.customer_number = market_basket.customer_number
            and purchases.product_number = market_basket.product_number
        cross join as_of
        where {{ days_between("purchases.invoice_date", "as_of.as_of_date") }} < 365
        group by purchases.customer_number, purchases.product_number
    )

select
    quantities.customer_number,
    {{ money("sum(cast(quantities.quantity as decimal(18, 4)) * products.unit_price)") }} as turnover_365_days
from quantities
inner join products on quantities.product_number = products.product_number
group by quantities.customer_number
