with

    periods as (select * from {{ ref("uplift_periods") }}),

    listed as (select * from {{ ref("uplift_listed") }}),

    prices as (
        select product_numbers.product_number, try_cast(products.unit_price as decimal(18, 6)) as unit_price
        from {{ ref("product_numbers") }} as product_numbers
        inner join {{ ref("stg_products") }} as products on product_numbers.product_id = products.product_id
    ),

    turnovers as (
        select
            periods.customer_number,
            periods.period,
            sum(
                cast(purchases.quantity_bought - purchases.quantity_returned as decimal(18, 4)) * prices.unit_price
            ) as turnover
        from periods
        inner join
            {{ ref("purchases") }} as purchases
            on periods.customer_number = purchases.customer_number
            and periods.from_day < purchases.invoice_date
            and periods.until_day >= purchases.invoice_date
        inner join prices on purchases.product_number = prices.product_number
        group by periods.customer_number, periods.period
    ),

    first_purchases as (
        select customer_number, product_number, min(invoice_date) as first_bought_on
        from {{ ref("purchases") }}
        where quantity_bought > 0
        group by customer_number, product_number
    ),

    new_products as (
        select periods.customer_number, periods.period, count(*) as products
        from periods
        inner join
            first_purchases
            on periods.customer_number = first_purchases.customer_number
            and periods.from_day < first_purchases.first_bought_on
            and periods.until_day >= first_purchases.first_bought_on
        group by periods.customer_number, periods.period
    )

select
    periods.customer_number,
    periods.is_held_out,
    periods.period,
    case when periods.is_in_the_ledger then least(coalesce(listed.products, 0), 1) end as bought_a_listed_product,
    case when periods.is_in_the_ledger then coalesce(listed.products, 0) end as listed_products_bought,
    case when periods.is_in_the_ledger then coalesce(listed.value, 0) end as value_of_listed_products,
    coalesce(new_products.products, 0) as new_products,
    coalesce(turnovers.turnover, 0) as turnover,
    periods.from_day,
    periods.until_day
from periods
left join listed on periods.customer_number = listed.customer_number and periods.period = listed.period
left join
    new_products on periods.customer_number = new_products.customer_number and periods.period = new_products.period
left join turnovers on periods.customer_number = turnovers.customer_number and periods.period = turnovers.period
