with

    invoices as (select * from {{ ref("read_invoices") }}),

    customers as (select customer_id from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    parsed as (
        select
            row_number,
            invoice_id,
            customer_id,
            product_id,
            quantity as quantity_text,
            invoice_date as date_text,
            {{ parse_quantity("quantity") }} as quantity,
            {{ parse_date("invoice_date") }} as invoice_date
        from invoices
    ),

    judged as (
        select
            parsed.*,
            case
                when parsed.invoice_id is null
                then 'invoice_id is missing'
                when parsed.customer_id is null
                then 'customer_id is missing'
                when parsed.product_id is null
                then 'product_id is missing'
                when parsed.quantity_text is null
                then 'quantity is missing'
                when parsed.date_text is null
                then 'invoice_date is missing'
                when customers.customer_id is null
                then 'customer_id is not among the accepted customers'
                when products.product_id is null
                then 'product_id is not among the accepted products'
                when parsed.quantity is null
                then 'quantity is not a number'
                when parsed.quantity = 0
                then 'quantity is 0'
                when parsed.invoice_date is null
                then 'invoice_date is not a date (YYYY-MM-DD)'
            end as reason
        from parsed
        left join customers on parsed.customer_id = customers.customer_id
        left join products on parsed.product_id = products.product_id
    ),

    -- Exact duplicates are few. A hash finds the rows that may be some, so that only those are compared and sorted.
    suspects as (
        select hash(invoice_id, customer_id, product_id, quantity, date_text) as line_hash
        from judged
        where reason is null
        group by line_hash
        having count(*) > 1
    ),

    repeated as (
        select judged.row_number
        from judged
        semi join
            suspects
            on hash(judged.invoice_id, judged.customer_id, judged.product_id, judged.quantity, judged.date_text)
            = suspects.line_hash
        where judged.reason is null
        qualify
            row_number() over (
                partition by judged.invoice_id, judged.customer_id, judged.product_id, judged.quantity, judged.date_text
                order by judged.row_number
            )
            > 1
    ),

    concluded as (
        select
            judged.*,
            case
                when repeated.row_number is not null then 'exact duplicate of an earlier line' else judged.reason
            end as rejection_reason
        from judged
        left join repeated on judged.row_number = repeated.row_number
    )

select
    invoice_id,
    customer_id,
    product_id,
    rejection_reason,
    case
        when rejection_reason is not null
        then
            cast(
                to_json(
                    struct_pack(
                        invoice_id := invoice_id,
                        customer_id := customer_id,
                        product_id := product_id,
                        quantity := quantity_text,
                        invoice_date := date_text
                    )
                ) as varchar
            )
    end as row_values,
    row_number,
    quantity,
    invoice_date
from concluded
