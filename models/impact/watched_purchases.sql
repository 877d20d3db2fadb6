-- Only of the pairs that were listed or rated: most of them were never bought.
with

    purchases as (select * from {{ ref("purchases") }}),

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
    purchases.customer_number,
    purchases.product_number,
    sum(purchases.quantity_bought - purchases.quantity_returned) as quantity,
    sum(purchases.quantity_bought) as quantity_bought,
    purchases.invoice_date
from purchases
semi join
    watched on purchases.customer_number = watched.customer_number and purchases.product_number = watched.product_number
group by purchases.customer_number, purchases.product_number, purchases.invoice_date
