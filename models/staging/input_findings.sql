with

    judged_customers as (select * from {{ ref("judged_customers") }}),

    judged_products as (select * from {{ ref("judged_products") }}),

    other_spellings as (
        {% for table_name, column in [
            ("customers", "region"),
            ("customers", "end_use"),
            ("products", "l2_category"),
            ("products", "l3_category"),
        ] %}
            {{ "union all" if not loop.first }}
            select
                '{{ table_name }}' as source_table,
                '{{ column }} ' || {{ column }} as subject,
                min({{ column }}_as_read) as an_example,
                count(*) as row_count
            from judged_{{ table_name }}
            where {{ column }}_as_read <> {{ column }}
            group by {{ column }}
        {% endfor %}
    ),

    words_for_nothing as (
        {% for table_name in export_tables() %}
            {% set relation = input_relation(table_name) %}
            {% for column in input_columns(table_name) if column not in columns_marked(table_name, "names") %}
                {% set text = "cast(" ~ read_column(table_name, column) ~ " as string)" %}
                select '{{ table_name }}' as source_table, '{{ column }}' as subject, count(*) as row_count
                from {{ relation }} as rows_read
                where length({{ text }}) < 10 and {{ holds_nothing(table_name, column, "trim(" ~ text ~ ")") }}
                union all
            {% endfor %}
        {% endfor %}
        select cast(null as string) as source_table, cast(null as string) as subject, 0 as row_count
    ),

    unread_columns as (select * from {{ source("input", "unread_columns") }}),

    invoice_lines as (select * from {{ ref("stg_invoice_lines") }}),

    all_lines as (
        select
            count(*) as row_count,
            count(*) filter (where quantity < 0) as negative,
            max(invoice_date) as newest,
            {{ days_between("max(invoice_date)", "cast('" ~ run_day() ~ "' as date)") }} as age
        from invoice_lines
    ),

    far_apart as (
        select invoice_id, min(invoice_date) as first_day, max(invoice_date) as last_day
        from invoice_lines
        group by invoice_id
        having max(invoice_date) > min(invoice_date) + 31
    ),

    lost_successors as (
        {% for table_name, id in [("customers", "customer_id"), ("products", "product_id")] %}
            {{ "union all" if not loop.first }}
            select '{{ table_name }}' as source_table, replaced_by
            from judged_{{ table_name }}
            where
                rejection_reason is null
                and successor is null
                and replaced_by is not null
                and {{ clean_id("replaced_by") }} <> {{ id }}
        {% endfor %}
    ),

    placeholders as (
        {% for table_name, column in [("invoices", "invoice_date"), ("feedback", "rated_at")] %}
            {{ "union all" if not loop.first }}
            select
                '{{ table_name }}' as source_table,
                '{{ column }} ' || cast(cast({{ column }} as date) as string) as subject,
                count(*) as row_count
            from {{ ref("judged_" ~ table_name) }}
            where cast({{ column }} as date) in ({{ placeholder_dates() }})
            group by cast({{ column }} as date)
        {% endfor %}
    ),

    never_recommended as (
        {% for product_id in var("never_recommend") %}
            select {{ clean_id(sql_literal(product_id)) }} as product_id
            union
        {% endfor %}
        select cast(null as string) as product_id
    ),

    findings as (
        select
            'word for nothing' as kind,
            source_table,
            subject,
            row_count,
            'a word for nothing (NULL, #N/A and the like) stands '
            || row_count
            || ' times in '
            || subject
            || ', and counts as an empty cell.' as words
        from words_for_nothing
        where row_count > 0
        union all
        select
            'spelling' as kind,
            source_table,
            subject,
            row_count,
            row_count
            || ' rows spell the '
            || subject
            || ' in another way, '
            || an_example
            || ' for example, and are taken for the same.' as words
        from other_spellings
        union all
        select 'contradicting id' as kind, source_table, id as subject, row_count, {{ contradiction() }} as words
        from {{ ref("ambiguous_ids") }}
        union all
        select
            'rejected class' as kind,
            source_table,
            class_kind || ' ' || class as subject,
            row_count,
            'all '
            || row_count
            || ' rows '
            || case
                class_kind when 'sign' then 'with a negative quantity' else 'of the ' || class_kind || ' ' || class
            end
            || ' were rejected, for one reason: '
            || reason
            || '.' as words
        from {{ ref("rejected_classes") }}
        union all
        select
            'ids far apart' as kind,
            'invoices' as source_table,
            'invoice_id' as subject,
            count(*) as row_count,
            count(*)
            || ' invoice_ids stand on days more than a month apart, '
            || min(invoice_id)
            || ' for example. Each of the days counts as an order of its own.' as words
        from far_apart
        having count(*) > 0
        union all
        select
            'no returns' as kind,
            'invoices' as source_table,
            'quantity' as subject,
            row_count,
            'not one of '
            || row_count
            || ' lines has a negative quantity. Where are returns, credit notes and cancelled documents '
            || '(docs/what-ipre-cannot-see.md)?' as words
        from all_lines
        where row_count >= 1000 and negative = 0
        union all
        {% if data_kind() == "own" and not var("as_of_date") %}
            select
                'old export' as kind,
                'invoices' as source_table,
                'invoice_date' as subject,
                0 as row_count,
                'the newest invoice is of '
                || newest
                || ', '
                || age
                || ' days before this run. The lists are made for that day.' as words
            from all_lines
            where {{ is_long_before_the_run("newest") }}
            union all
        {% endif %}
        select
            'unread column' as kind,
            unread_columns.source_table,
            unread_columns.column_name as subject,
            unread_columns.row_count,
            'the column '
            || unread_columns.column_name
            || ' is not read: '
            || unread_columns.cells
            || case
                when unread_columns.source_table = 'invoices' and all_lines.negative = 0
                then '. No quantity is negative'
                else ''
            end
            || '. If it says what a row is, see docs/what-ipre-cannot-see.md.' as words
        from unread_columns
        cross join all_lines
        union all
        select
            'unit changes' as kind,
            source_table,
            column_name as subject,
            mixed as row_count,
            case mixed when 1 then '1 product stands' else mixed || ' products stand' end
            || ' in more than one '
            || column_name
            || ', '
            || a_mixed_id
            || ' for example, and its quantities are added as they are.' as words
        from unread_columns
        where mixed > 0
        union all
        select
            'unknown successor' as kind,
            source_table,
            'replaced_by' as subject,
            count(*) as row_count,
            'replaced_by names '
            || min(replaced_by)
            || case count(*) when 1 then '' else ' and others' end
            || ', which is no id of the table. Such rows stand for themselves.' as words
        from lost_successors
        group by source_table
        union all
        select
            'unreadable answer' as kind,
            'products' as source_table,
            'active ' || unreadable_active as subject,
            count(*) as row_count,
            'active is '
            || unreadable_active
            || ' in '
            || count(*)
            || ' rows, which is neither yes nor no, and counts as yes.' as words
        from judged_products
        where unreadable_active is not null and rejection_reason is null
        group by unreadable_active
        {% for column in ["unit_price", "unit_cost", "stock_on_hand"] %}
            union all
            select
                'unreadable number' as kind,
                'products' as source_table,
                '{{ column }}' as subject,
                count(*) as row_count,
                '{{ column }} is no number in '
                || count(*)
                || ' rows, '
                || min(unreadable_{{ column }})
                || ' for example, and counts as an empty cell.' as words
            from judged_products
            where unreadable_{{ column }} is not null and rejection_reason is null
            having count(*) > 0
        {% endfor %}
        {% for column in columns_marked("products", "money") %}
            union all
            select
                'several currencies' as kind,
                'products' as source_table,
                '{{ column }}' as subject,
                count(*) as row_count,
                '{{ column }} is written in several currencies, '
                || min({{ column }}_currency)
                || ' and '
                || max({{ column }}_currency)
                || ' for example, and read as if they were one.' as words
            from judged_products
            where {{ column }}_currency is not null and {{ column }} is not null and rejection_reason is null
            having count(distinct {{ column }}_currency) > 1
        {% endfor %}
        union all
        select
            'cost above price' as kind,
            'products' as source_table,
            'unit_cost' as subject,
            count(*) as row_count,
            'unit_cost is above unit_price in '
            || count(*)
            || ' rows, of the product '
            || min(product_id)
            || ' for example, so that their margin is below 0.' as words
        from judged_products
        where unit_cost > unit_price and rejection_reason is null
        having count(*) > 0
        union all
        select
            'placeholder date' as kind,
            source_table,
            subject,
            row_count,
            subject
            || ' stands in '
            || row_count
            || ' rows, which systems write where there is no date, and is read as a day.' as words
        from placeholders
        union all
        select
            'rejected row' as kind,
            source_table,
            reason as subject,
            count(*) as row_count,
            case count(*) when 1 then 'a row does nothing: ' else count(*) || ' rows do nothing: ' end
            || reason
            || '.' as words
        from {{ ref("rejected_rows") }}
        where source_table in ('overrides', 'account_managers')
        group by source_table, reason
        union all
        select
            'unknown id in never_recommend' as kind,
            'products' as source_table,
            never_recommended.product_id as subject,
            0 as row_count,
            'never_recommend names ' || never_recommended.product_id || ', which is no product_id.' as words
        from never_recommended
        anti join {{ ref("stg_products") }} as products on never_recommended.product_id = products.product_id
        where never_recommended.product_id is not null
    )

select source_table, kind, subject, source_table || ': ' || words as sentence, cast(row_count as bigint) as row_count
from findings
