-- The one place where the future is cut off, and where texts end: every later stage reads purchases from here, in
-- numbers. Lines of one order are one purchase of the product, put together once.
with

    invoice_lines as (select * from {{ ref("stg_invoice_lines") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }})

select
    invoice_lines.invoice_id,
    customers.customer_number,
    products.product_number,
    sum(greatest(invoice_lines.quantity, 0)) as quantity_bought,
    sum(greatest(- invoice_lines.quantity, 0)) as quantity_returned,
    invoice_lines.invoice_date
from invoice_lines
inner join customers on invoice_lines.customer_id = customers.customer_id
inner join products on invoice_lines.product_id = products.product_id
where invoice_lines.invoice_date <= (select as_of.as_of_date from as_of)
group by invoice_lines.invoice_id, customers.customer_number, products.product_number, invoice_lines.invoice_date
