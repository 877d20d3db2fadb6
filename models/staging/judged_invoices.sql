{#- Two lines alike in all of these are one. -#}
{%- set compared = "invoice_id, customer_id, product_id, parsed_quantity, parsed_date, line" %}

with

    cleaned as (select {{ cleaned_columns("invoices") }} from {{ input_relation("invoices") }} as rows_read),

    invoices as (select {{ known_columns("invoices") }} from cleaned),

    customers as (select customer_id, counts_for from {{ ref("judged_customers") }} where counts_for is not null),

    products as (select product_id, counts_for from {{ ref("judged_products") }} where counts_for is not null),

    parsed as (
        select
            *,
            {{ parse_quantity("quantity") }} as parsed_quantity,
            {{ parse_date("invoice_date") }} as parsed_date,
            -- 1 and 001 are one line of an invoice.
            coalesce(cast(try_cast(line_number as decimal(18, 4)) as string), line_number) as line
        from invoices
    ),

    judged as (
        select
            parsed.*,
            coalesce(customers.counts_for, parsed.customer_id) as counted_customer,
            coalesce(products.counts_for, parsed.product_id) as counted_product,
            coalesce(
                {{ unusable_row_reason("invoices", "parsed") }},
                case
                    when customers.counts_for is null
                    then 'customer_id is not among the accepted customers'
                    when products.counts_for is null
                    then 'product_id is not among the accepted products'
                    when parsed.parsed_quantity is null
                    then 'quantity is not a number'
                    when parsed.parsed_quantity = 0
                    then 'quantity is 0'
                    when parsed.parsed_date is null
                    then 'invoice_date is not a date (YYYY-MM-DD)'
                    when {{ is_in_the_future("parsed.parsed_date") }}
                    then 'invoice_date is in the future'
                end
            ) as reason
        from parsed
        left join customers on parsed.customer_id = customers.customer_id
        left join products on parsed.product_id = products.product_id
    ),

    -- Exact duplicates are few. A hash finds the rows that may be some, so that only those are compared and sorted.
    suspects as (
        select hash({{ compared }}) as line_hash from judged where reason is null group by line_hash having count(*) > 1
    ),

    repetitions as (
        select judged.row_number, row_number() over (partition by {{ compared }} order by judged.row_number) as number
        from judged
        semi join suspects on hash({{ compared }}) = suspects.line_hash
        where judged.reason is null
    ),

    repeated as (select row_number from repetitions where number > 1),

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
    counted_customer as customer_id,
    counted_product as product_id,
    line,
    rejection_reason,
    case when rejection_reason is not null then {{ row_as_json("invoices", "concluded") }} end as row_values,
    case when rejection_reason is not null then quantity end as rejected_quantity,
    case when rejection_reason is not null then invoice_date end as rejected_date,
    row_number,
    parsed_quantity as quantity,
    parsed_date as invoice_date
from concluded
