-- A single bad row is noise; a class of rows that are all rejected for one reason is an export that writes it in
-- another way.
with

    judged_customers as (select * from {{ ref("judged_customers") }}),

    judged_products as (select * from {{ ref("judged_products") }}),

    judged_feedback as (select * from {{ ref("judged_feedback") }}),

    judged_invoices as (select * from {{ ref("judged_invoices") }}),

    customer_regions as (
        select customer_id, min(region) as region
        from judged_customers
        where customer_id is not null
        group by customer_id
    ),

    lines_of_customers as (
        select customer_id, rejection_reason, count(*) as row_count
        from judged_invoices
        group by customer_id, rejection_reason
    ),

    -- Few: most lines are accepted, and of these only date and sign are told apart.
    lines_of_days as (
        select
            rejection_reason,
            invoice_date,
            rejected_date,
            coalesce(
                quantity < 0, regexp_extract(rejected_quantity, '[({{ minus_signs() }}-]', 0) <> '', false
            ) as is_negative,
            count(*) as row_count
        from judged_invoices
        group by all
    ),

    classes as (
        {% for table_name, class_kind, class in [
            ("customers", "region", "region"),
            ("customers", "end use", "end_use"),
            ("products", "L2 category", "l2_category"),
            ("feedback", "rating", "coalesce(rating, rejected_rating)"),
            ("feedback", "rater", "rated_by"),
        ] %}
            select
                '{{ table_name }}' as source_table,
                '{{ class_kind }}' as class_kind,
                {{ class }} as class,
                rejection_reason,
                1 as row_count
            from judged_{{ table_name }}
            union all
        {% endfor %}
        select 'invoices' as source_table, 'region' as class_kind, customer_regions.region, rejection_reason, row_count
        from lines_of_customers
        inner join customer_regions on lines_of_customers.customer_id = customer_regions.customer_id
        union all
        select
            'invoices' as source_table,
            'month' as class_kind,
            coalesce(
                substr(cast(invoice_date as string), 1, 7),
                nullif(regexp_extract(rejected_date, '^[0-9]{4}-?[0-9]{2}', 0), ''),
                nullif(regexp_extract(rejected_date, '[0-9]{1,2}[.][0-9]{4}', 0), '')
            ) as class,
            rejection_reason,
            row_count
        from lines_of_days
        union all
        select 'invoices' as source_table, 'sign' as class_kind, 'negative' as class, rejection_reason, row_count
        from lines_of_days
        where is_negative
    )

select source_table, class_kind, class, max(rejection_reason) as reason, cast(sum(row_count) as bigint) as row_count
from classes
where class is not null
group by source_table, class_kind, class
having count(*) = count(rejection_reason) and count(distinct rejection_reason) = 1 and sum(row_count) >= 3
