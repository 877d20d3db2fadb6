-- A customer that orders nothing any more is a lost customer: only one that went on ordering has lost a product.
with

    rhythms as (select * from {{ ref("buying_rhythms") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    products as (select product_number, aisle_number, may_be_shown from {{ ref("listed_products") }}),

    bought as (select * from {{ ref("purchases") }}),

    order_rhythms as (select customer_number, last_order_date from {{ ref("order_rhythms") }}),

    lost as (
        select rhythms.*, products.aisle_number
        from rhythms
        inner join products on rhythms.product_number = products.product_number
        inner join order_rhythms on rhythms.customer_number = order_rhythms.customer_number
        where
            rhythms.interval_ratio > {{ var("lost_from") }}
            and rhythms.days_since_last_purchase >= {{ var("lost_min_days") }}
            and {{ days_between("rhythms.first_purchase_date", "rhythms.last_purchase_date") }}
            >= {{ var("lost_min_days") }}
            and order_rhythms.last_order_date > rhythms.due_date
    ),

    -- The first of the same aisle that the customer never had before its last purchase.
    replacements as (
        select
            lost.customer_number,
            lost.product_number,
            market_basket.product_number as replaced_by_number,
            market_basket.first_purchase_date as replaced_on,
            row_number() over (
                partition by lost.customer_number, lost.product_number
                order by market_basket.first_purchase_date, market_basket.product_number
            ) as place
        from lost
        inner join market_basket on lost.customer_number = market_basket.customer_number
        inner join products on market_basket.product_number = products.product_number
        where
            products.aisle_number = lost.aisle_number
            and market_basket.product_number <> lost.product_number
            and market_basket.first_purchase_date > lost.last_purchase_date
            and products.may_be_shown
    ),

    -- What was bought and kept, never an interval extrapolated.
    last_years as (
        select
            lost.customer_number,
            lost.product_number,
            sum(bought.quantity_bought - bought.quantity_returned) as yearly_quantity
        from lost
        inner join
            bought on lost.customer_number = bought.customer_number and lost.product_number = bought.product_number
        where
            bought.invoice_date <= lost.last_purchase_date
            and {{ days_between("bought.invoice_date", "lost.last_purchase_date") }} < 365
        group by lost.customer_number, lost.product_number
    )

select
    lost.customer_number,
    lost.product_number,
    replacements.replaced_by_number,
    lost.purchases,
    lost.days_since_last_purchase,
    lost.usual_interval_days,
    lost.interval_ratio,
    last_years.yearly_quantity,
    lost.last_purchase_date,
    replacements.replaced_on
from lost
inner join
    last_years on lost.customer_number = last_years.customer_number and lost.product_number = last_years.product_number
left join
    replacements
    on lost.customer_number = replacements.customer_number
    and lost.product_number = replacements.product_number
    and replacements.place = 1
