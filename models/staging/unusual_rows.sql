-- Rows that are right one by one and odd beside the others: facts in the shape of input_findings.
with

    judged_invoices as (select * from {{ ref("judged_invoices") }}),

    judged_customers as (select * from {{ ref("judged_customers") }} where rejection_reason is null),

    judged_products as (select * from {{ ref("judged_products") }} where rejection_reason is null),

    invoice_lines as (select * from judged_invoices where rejection_reason is null),

    customers as (select customer_id, customer_name from {{ ref("customer_numbers") }}),

    tenth_customers as (select customer_id from {{ ref("customer_numbers") }} where customer_number % 10 = 0),

    products as (select product_id, product_name from {{ ref("stg_products") }} where is_recommendable),

    invoices as (
        select invoice_id, max(invoice_date) > min(invoice_date) + 31 as is_far_apart
        from invoice_lines
        group by invoice_id
    ),

    all_invoices as (
        select
            count(*) as row_count,
            count(*) filter (where is_far_apart) as far_apart,
            min(invoice_id) filter (where is_far_apart) as example
        from invoices
    ),

    lines_of_products as (
        select product_id, count(*) as row_count from invoice_lines where quantity > 0 group by product_id
    ),

    lines_of_customers as (select customer_id, count(*) as row_count from invoice_lines group by customer_id),

    all_lines as (select count(*) as customers, sum(row_count) as row_count from lines_of_customers),

    -- Of numbered lines that are alike in all else, the repeated ones are rejected already.
    numbered_twice as (
        select invoice_id, count(*) as row_count
        from invoice_lines
        where line is not null
        group by invoice_id, customer_id, invoice_date, line
        having count(*) > 1
    ),

    -- Of every tenth customer, which is enough to see what an export does with all.
    sold as (
        select min(lines.invoice_id) as invoice_id, max(lines.invoice_id) as other_id, count(*) as row_count
        from invoice_lines as lines
        inner join tenth_customers on lines.customer_id = tenth_customers.customer_id
        where lines.quantity > 0
        group by lines.customer_id, lines.product_id, lines.quantity, lines.invoice_date
    ),

    sold_twice as (
        select
            min(invoice_id || ' and ' || other_id) filter (where invoice_id <> other_id) as example,
            sum(row_count) filter (where invoice_id <> other_id) as row_count,
            sum(row_count) as all_rows
        from sold
    ),

    segments as (
        select count(*) as customers, count(distinct segment) as segments
        from judged_customers
        where counts_for = customer_id
    ),

    categories as (
        select count(distinct l2_category) as departments, count(distinct l3_category) as aisles from judged_products
    ),

    -- The ids of a table that are one without case and leading zeros.
    ids_alike as (
        {% for table_name, id in [("customers", "customer_id"), ("products", "product_id")] %}
            select
                '{{ table_name }}' as source_table, '{{ id }}' as subject, min({{ id }}) as one, max({{ id }}) as other
            from judged_{{ table_name }}
            group by {{ bare_id(id) }} {{ "union all" if not loop.last }}
        {% endfor %}
    )

select 'ids far apart' as kind, 'invoices' as source_table, 'invoice_id' as subject, example, far_apart as row_count
from all_invoices
where far_apart > 0
union all
-- Hardly any goods are on every second invoice.
select 'frequent product', 'products', lines_of_products.product_id, products.product_name, lines_of_products.row_count
from lines_of_products
inner join products on lines_of_products.product_id = products.product_id
cross join all_invoices
where all_invoices.row_count >= 100 and lines_of_products.row_count * 2 > all_invoices.row_count
union all
select
    'frequent customer',
    'customers',
    lines_of_customers.customer_id,
    customers.customer_name,
    lines_of_customers.row_count
from lines_of_customers
inner join customers on lines_of_customers.customer_id = customers.customer_id
cross join all_lines
where all_lines.customers >= 100 and lines_of_customers.row_count * 10 > all_lines.row_count
union all
select 'old date', 'invoices', 'invoice_date', cast(min(invoice_date) as string), count(*)
from invoice_lines
where invoice_date < date '1950-01-01' and invoice_date not in ({{ placeholder_dates() }})
having count(*) > 0
union all
select 'line number twice', 'invoices', 'line_number', min(invoice_id), sum(row_count)
from numbered_twice
having count(*) > 0
union all
select 'lines twice', 'invoices', 'invoice_id', example, row_count
from sold_twice
where all_rows >= 100 and row_count * 5 > all_rows
{% for table_name, id in [("customers", "customer_id"), ("products", "product_id")] %}
    union all
    select
        'id written otherwise',
        'invoices',
        '{{ id }}',
        min(lines.{{ id }} || ' for ' || known.{{ id }}),
        count(distinct lines.row_number)
    from judged_invoices as lines
    inner join {{ table_name }} as known on {{ bare_id("lines." ~ id) }} = {{ bare_id("known." ~ id) }}
    where lines.rejection_reason = '{{ id }} is not among the accepted {{ table_name }}'
    having count(*) > 0
{% endfor %}
union all
select 'ids alike', source_table, subject, min(one || ' and ' || other), count(*)
from ids_alike
where one <> other
group by source_table, subject
union all
select 'small segments', 'customers', 'region and end_use', cast(segments as string), customers
from segments
where customers >= 100 and segments * 5 > customers
union all
select 'more departments than aisles', 'products', 'l2_category', cast(aisles as string), departments
from categories
where departments > aisles and aisles > 1
union all
select
    'managers alike',
    'customers',
    'account_manager ' || min(account_manager),
    max(account_manager),
    count(distinct account_manager)
from judged_customers
where account_manager is not null
group by {{ spelling_key("account_manager") }}
having count(distinct account_manager) > 1
{% for table_name in export_tables() %}
    union all
    select 'full spreadsheet', '{{ table_name }}', 'rows', null, count(*)
    from {{ input_relation(table_name) }} as rows_read
    having count(*) in (65535, 1048575)
{% endfor %}
