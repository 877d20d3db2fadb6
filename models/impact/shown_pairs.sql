-- Customers and products that are gone are left out: nobody can say what they would have bought.
with

    shown_ledger as (select * from {{ ref("shown_ledger") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    purchases as (
        select customer_number, product_number, min(invoice_date) as first_bought_on
        from {{ ref("watched_purchases") }}
        where quantity_bought > 0
        group by customer_number, product_number
    ),

    -- A run for an earlier day does not know what was shown after it.
    spells as (
        select
            shown_ledger.*,
            as_of.as_of_date,
            row_number() over (
                partition by shown_ledger.customer_id, shown_ledger.product_id order by shown_ledger.first_shown_on
            ) as place
        from shown_ledger
        cross join as_of
        where shown_ledger.first_shown_on <= as_of.as_of_date
    )

select
    spells.customer_id,
    spells.product_id,
    spells.first_run_id,
    spells.first_source,
    customers.customer_number,
    products.product_number,
    spells.first_rank,
    spells.unit_price,
    spells.first_shown_on,
    spells.first_shown_on + {{ var("adoption_window_days") }} as last_day,
    spells.first_shown_on + {{ var("adoption_window_days") }} <= spells.as_of_date as is_mature,
    purchases.first_bought_on
from spells
inner join customers on spells.customer_id = customers.customer_id
inner join products on spells.product_id = products.product_id
left join
    purchases
    on customers.customer_number = purchases.customer_number
    and products.product_number = purchases.product_number
where spells.place = 1 and coalesce(purchases.first_bought_on > spells.first_shown_on, true)
