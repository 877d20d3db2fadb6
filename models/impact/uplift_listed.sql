-- Whatever stood on a list in the period, shown or held out, and was bought for the first time after that.
with

    periods as (select * from {{ ref("uplift_periods") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    purchases as (
        select customer_number, product_number, min(invoice_date) as first_bought_on
        from {{ ref("watched_purchases") }}
        where quantity_bought > 0
        group by customer_number, product_number
    ),

    spells as (
        select customer_id, product_id, unit_price, first_shown_on, ended_on, false as is_held_out
        from {{ ref("shown_ledger") }}
        union all
        select customer_id, product_id, unit_price, first_shown_on, ended_on, true as is_held_out
        from {{ ref("held_out_ledger") }}
    ),

    listed as (
        select
            periods.customer_number,
            products.product_number,
            periods.period,
            periods.until_day,
            spells.unit_price,
            greatest(spells.first_shown_on, periods.from_day) as listed_on,
            row_number() over (
                partition by periods.customer_number, products.product_number, periods.period
                order by spells.first_shown_on
            ) as place
        from periods
        inner join
            spells
            on periods.customer_id = spells.customer_id
            and periods.reads_held_out = spells.is_held_out
            and periods.until_day > spells.first_shown_on
            -- A product stands on the list until another publication takes it off.
            and periods.from_day < coalesce(spells.ended_on, periods.until_day)
        inner join products on spells.product_id = products.product_id
    ),

    bought as (
        select
            listed.*,
            purchases.first_bought_on,
            least(listed.until_day, listed.listed_on + {{ var("adoption_window_days") }}) as last_day
        from listed
        inner join
            purchases
            on listed.customer_number = purchases.customer_number
            and listed.product_number = purchases.product_number
        where listed.place = 1 and purchases.first_bought_on > listed.listed_on
    ),

    quantities as (
        select
            bought.customer_number,
            bought.product_number,
            bought.period,
            max(bought.unit_price) as unit_price,
            sum(watched_purchases.quantity) as quantity
        from bought
        inner join
            {{ ref("watched_purchases") }} as watched_purchases
            on bought.customer_number = watched_purchases.customer_number
            and bought.product_number = watched_purchases.product_number
            and bought.first_bought_on <= watched_purchases.invoice_date
            and bought.last_day >= watched_purchases.invoice_date
        where bought.first_bought_on <= bought.last_day
        group by bought.customer_number, bought.product_number, bought.period
    )

select
    customer_number,
    period,
    count(*) as products,
    sum({{ value_of("quantity", "try_cast(unit_price as decimal(18, 6))") }}) as value
from quantities
group by customer_number, period
