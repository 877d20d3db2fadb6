with

    customers as (select segment from {{ ref("stg_customers") }}),

    invoices as (select quantity, invoice_date from {{ ref("stg_invoice_lines") }}),

    -- The sum is one of decimals: one of floats depends on the number of threads.
    invoice_figures as (
        select
            count(*) as invoice_lines,
            count(*) filter (where quantity < 0) as return_lines,
            cast(sum(quantity) filter (where quantity > 0) as double)
            / nullif(count(*) filter (where quantity > 0), 0) as mean_quantity,
            count(distinct invoice_date) as invoice_days,
            max(invoice_date) as newest_invoice_date
        from invoices
    ),

    segment_figures as (select count(distinct segment) as segments from customers)

select
    invoice_figures.invoice_lines,
    invoice_figures.return_lines,
    invoice_figures.mean_quantity,
    invoice_figures.invoice_days,
    invoice_figures.newest_invoice_date,
    segment_figures.segments
from invoice_figures
cross join segment_figures
