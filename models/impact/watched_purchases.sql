-- Only of the pairs that were listed or rated: most of them were never bought.
with

    invoice_lines as (select * from {{ ref("known_invoice_lines") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    listed as (
        select customer_id, product_id
        from {{ ref("shown_ledger") }}
        {% if holds_out() %}
            union all
            select customer_id, product_id
            from {{ ref("held_out_ledger") }}
        {% endif %}
    ),

    watched as (
        select customers.customer_number, products.product_number
        from listed
        inner join customers on listed.customer_id = customers.customer_id
        inner join products on listed.product_id = products.product_id
        union all
        select customer_number, product_number
        from {{ ref("known_ratings") }}
    )

select
    invoice_lines.customer_number,
    invoice_lines.product_number,
    sum(invoice_lines.quantity) as quantity,
    coalesce(sum(invoice_lines.quantity) filter (where invoice_lines.quantity > 0), 0) as quantity_bought,
    invoice_lines.invoice_date
from invoice_lines
semi join
    watched
    on invoice_lines.customer_number = watched.customer_number
    and invoice_lines.product_number = watched.product_number
group by invoice_lines.customer_number, invoice_lines.product_number, invoice_lines.invoice_date
