-- A customer that orders nothing any more is a lost customer: only one that went on ordering has lost a product.
-- One that was bought for so many days, and not for as many since: fewer are a pause.
{%- set min_days = 90 %}

with

    rhythms as (select * from {{ ref("buying_rhythms") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    purchases as (select * from {{ ref("purchases") }}),

    products as (select * from {{ ref("product_numbers") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    orders as (select customer_number, last_order_date from {{ ref("order_habits") }}),

    as_of as (select said_on from {{ ref("as_of") }}),

    lost as (
        select rhythms.*, products.product_id, products.product_name, products.aisle_number, products.unit_price
        from rhythms
        inner join products using (product_number)
        inner join orders using (customer_number)
        where
            rhythms.interval_ratio > {{ lost_from() }}
            and rhythms.days_since_last_purchase >= {{ min_days }}
            and {{ days_between("rhythms.first_purchase_date", "rhythms.last_purchase_date") }} >= {{ min_days }}
            and orders.last_order_date > rhythms.due_date
    ),

    -- A step of its own, so that a basket is found by customer and aisle at once: else every lost product is joined to
    -- its whole aisle first, which is fifty times as much.
    baskets as (
        select
            market_basket.customer_number,
            market_basket.product_number,
            market_basket.first_purchase_date,
            products.aisle_number,
            products.product_id,
            products.product_name
        from market_basket
        inner join products using (product_number)
        where products.may_be_shown
    ),

    -- The first of the same aisle that the customer never had before its last purchase.
    replacements as (
        select
            lost.customer_number,
            lost.product_number,
            baskets.product_id,
            baskets.product_name,
            baskets.first_purchase_date as replaced_on,
            row_number() over (
                partition by lost.customer_number, lost.product_number
                order by baskets.first_purchase_date, baskets.product_number
            ) as number
        from lost
        inner join baskets using (customer_number, aisle_number)
        where baskets.product_number <> lost.product_number and baskets.first_purchase_date > lost.last_purchase_date
    ),

    -- What was bought and kept, never an interval extrapolated.
    last_years as (
        select lost.customer_number, lost.product_number, sum(purchases.quantity) as quantity
        from lost
        inner join purchases using (customer_number, product_number)
        where
            purchases.invoice_date <= lost.last_purchase_date
            and {{ days_between("purchases.invoice_date", "lost.last_purchase_date") }} < 365
        group by lost.customer_number, lost.product_number
    ),

    described as (
        select
            lost.*,
            replacements.product_id as replaced_by,
            replacements.product_name as replaced_by_name,
            replacements.replaced_on,
            {{ spoken_name("lost", "replacements") }} as spoken_name,
            {{ spoken_name("replacements", "lost") }} as spoken_replacement,
            last_years.quantity as yearly_quantity,
            {{ value_of("last_years.quantity", "lost.unit_price") }} as yearly_value
        from lost
        inner join last_years using (customer_number, product_number)
        left join
            replacements
            on lost.customer_number = replacements.customer_number
            and lost.product_number = replacements.product_number
            and replacements.number = 1
    )

select
    customers.customer_id,
    customers.customer_name,
    customers.account_manager,
    cast(
        row_number() over (
            partition by described.customer_number
            order by
                described.yearly_value desc nulls last,
                described.days_since_last_purchase desc,
                described.product_number
        ) as integer
    ) as rank,
    described.product_id,
    described.product_name,
    case when described.replaced_by is null then 'lost' else 'replaced' end as kind,
    described.replaced_by,
    described.replaced_by_name,
    {{ lost_sentence("described") }} as sentence,
    described.yearly_value,
    cast(described.yearly_quantity as double) as yearly_quantity,
    described.last_purchase_date,
    described.days_since_last_purchase,
    described.usual_interval_days,
    described.interval_ratio,
    described.purchases,
    described.replaced_on
from described
inner join customers using (customer_number)
cross join as_of
