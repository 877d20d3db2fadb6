-- The one model where the future is cut off, and where texts end: every later stage reads purchases from here, in
-- numbers. Lines of one order are one purchase of the product, put together once.
with

    invoice_lines as (select * from {{ ref("stg_invoice_lines") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("stg_products") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    -- Days on which a product came back. Few.
    days_with_returns as (
        select distinct customers.customer_number, products.product_number, invoice_lines.invoice_date
        from invoice_lines
        inner join customers on invoice_lines.customer_id = customers.customer_id
        inner join products on invoice_lines.product_id = products.product_id
        where invoice_lines.quantity < 0
    ),

    known_lines as (
        select
            invoice_lines.invoice_id,
            customers.customer_number,
            products.product_number,
            invoice_lines.quantity,
            days_with_returns.customer_number is not null as has_returns,
            invoice_lines.invoice_date
        from invoice_lines
        inner join customers on invoice_lines.customer_id = customers.customer_id
        inner join products on invoice_lines.product_id = products.product_id
        left join
            days_with_returns
            on customers.customer_number = days_with_returns.customer_number
            and products.product_number = days_with_returns.product_number
            and invoice_lines.invoice_date = days_with_returns.invoice_date
        where invoice_lines.invoice_date <= (select as_of.as_of_date from as_of)
    )

select invoice_id, customer_number, product_number, sum(quantity) as quantity, invoice_date
from known_lines
where not has_returns
group by invoice_id, customer_number, product_number, invoice_date
union all
-- Nobody knows which of the day's orders a return takes back, so what is left of them is one: a cancelled order is
-- none.
select
    coalesce(min(invoice_id) filter (where quantity > 0), min(invoice_id)) as invoice_id,
    customer_number,
    product_number,
    sum(quantity) as quantity,
    invoice_date
from known_lines
where has_returns
group by customer_number, product_number, invoice_date
