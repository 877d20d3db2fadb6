with

    customers as (select customer_id from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    invoices as (select invoice_date from {{ ref("stg_invoice_lines") }}),

    feedback as (select customer_id from {{ ref("stg_feedback") }}),

    overrides as (select action from {{ ref("stg_overrides") }}),

    rejected_rows as (select source_table from {{ ref("rejected_rows") }}),

    accepted as (
        {% for table_name in input_tables() %}
            {{ "union all" if not loop.first }}
            select '{{ table_name }}' as source_table, count(*) as rows_accepted
            from {{ table_name }}
        {% endfor %}
    ),

    rejected as (select source_table, count(*) as rows_rejected from rejected_rows group by source_table)

select
    accepted.source_table,
    accepted.rows_accepted + coalesce(rejected.rows_rejected, 0) as rows_read,
    accepted.rows_accepted
from accepted
left join rejected on accepted.source_table = rejected.source_table
