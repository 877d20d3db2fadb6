-- All facts come in one shape. What is said of a kind stands at the end, with {rows}, {subject} and {example} for them.
{#- UTF-8 that was read as another encoding: MÃ¼ller, or a question mark in a diamond. In brackets is what the second byte of
    a letter looks like in Latin-1 and in Windows-1252. -#}
{%- set garbled = (
    "\u00c3[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    ~ "|\u00e2\u20ac|\ufffd"
) %}

with

    judged_products as (select * from {{ ref("judged_products") }} where rejection_reason is null),

    judged_customers as (select * from {{ ref("judged_customers") }} where rejection_reason is null),

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

    facts as (
        {% for table_name in export_tables() %}
            {% set relation = input_relation(table_name) %}
            {% for column in input_columns(table_name) if column not in columns_marked(table_name, "names") %}
                {% set text = "cast(" ~ read_column(table_name, column) ~ " as string)" %}
                select
                    'word for nothing' as kind,
                    '{{ table_name }}' as source_table,
                    '{{ column }}' as subject,
                    cast(null as string) as example,
                    count(*) as row_count
                from {{ relation }} as rows_read
                where length({{ text }}) < 10 and {{ holds_nothing(table_name, column, "trim(" ~ text ~ ")") }}
                having count(*) > 0
                union all
            {% endfor %}
        {% endfor %}
        {% for table_name, column in [
            ("customers", "region"),
            ("customers", "end_use"),
            ("products", "l2_category"),
            ("products", "l3_category"),
        ] %}
            select 'spelling', '{{ table_name }}', '{{ column }} ' || {{ column }}, min({{ column }}_as_read), count(*)
            from {{ ref("judged_" ~ table_name) }}
            where {{ column }}_as_read <> {{ column }}
            group by {{ column }}
            union all
        {% endfor %}
        {% for table_name, column in [("invoices", "invoice_date"), ("feedback", "rated_at")] %}
            select 'placeholder date', '{{ table_name }}', '{{ column }} ' || cast(day as string), null, count(*)
            from (select cast({{ column }} as date) as day from {{ ref("judged_" ~ table_name) }}) as days
            where day in ({{ placeholder_dates() }})
            group by day
            union all
        {% endfor %}
        {% for table_name, id in [("customers", "customer_id"), ("products", "product_id")] %}
            select
                'unknown successor',
                '{{ table_name }}',
                'replaced_by',
                min(replaced_by) || case count(*) when 1 then '' else ' and others' end,
                count(*)
            from judged_{{ table_name }}
            where successor is null and {{ clean_id("replaced_by") }} <> {{ id }}
            having count(*) > 0
            union all
        {% endfor %}
        {% for column in ["unit_price", "unit_cost", "stock_on_hand"] %}
            select 'unreadable number', 'products', '{{ column }}', min(unreadable_{{ column }}), count(*)
            from judged_products
            where unreadable_{{ column }} is not null
            having count(*) > 0
            union all
        {% endfor %}
        {% for column in columns_marked("products", "money") %}
            select
                'several currencies',
                'products',
                '{{ column }}',
                min({{ column }}_currency) || ' and ' || max({{ column }}_currency),
                count(*)
            from judged_products
            where {{ column }}_currency is not null and {{ column }} is not null
            having count(distinct {{ column }}_currency) > 1
            union all
        {% endfor %}
        {% if var("never_recommend") %}
            select distinct 'unknown id in never_recommend', 'products', product_id, null, 0
            from
                (
                    {% for product_id in var("never_recommend") %}
                        select {{ clean_id(sql_literal(product_id)) }} as product_id {{ "union all" if not loop.last }}
                    {% endfor %}
                ) as named
            anti join judged_products using (product_id)
            union all
        {% endif %}
        {% if data_kind() == "own" and not var("as_of_date") %}
            select 'old export', 'invoices', 'invoice_date', newest || ', ' || age || ' days', 0
            from all_lines
            where {{ is_long_before_the_run("newest") }}
            union all
        {% endif %}
        select 'unreadable answer', 'products', 'active ' || unreadable_active, unreadable_active, count(*)
        from judged_products
        where unreadable_active is not null
        group by unreadable_active
        union all
        select 'contradicting id', source_table, id, sentence, row_count
        from {{ ref("ambiguous_ids") }}
        union all
        select 'cost above price', 'products', 'unit_cost', min(product_id), count(*)
        from judged_products
        where unit_cost > unit_price
        having count(*) > 0
        union all
        {% for table_name, columns in [
            ("customers", ["customer_name", "region", "end_use"]),
            ("products", ["product_name", "l2_category", "l3_category"]),
        ] %}
            {% for column in columns %}
                select 'garbled letters', '{{ table_name }}', '{{ column }}', min({{ column }}), count(*)
                from judged_{{ table_name }}
                where regexp_extract({{ column }}, {{ sql_literal(garbled) }}, 0) <> ''
                having count(*) > 0
                union all
            {% endfor %}
        {% endfor %}
        select 'price below 0', 'products', 'unit_price', min(product_id), count(*)
        from judged_products
        where unit_price < 0
        having count(*) > 0
        union all
        select
            'pin without effect',
            'overrides',
            'product_id',
            min(overrides.product_id) || case count(*) when 1 then '' else ' and others' end,
            count(*)
        from {{ ref("stg_overrides") }} as overrides
        inner join {{ ref("stg_products") }} as products on overrides.product_id = products.product_id
        cross join {{ ref("as_of") }} as as_of
        where
            overrides.action = 'pin'
            and {{ is_valid("overrides") }}
            and not (products.is_active and products.is_recommendable and coalesce(products.stock_on_hand > 0, true))
        having count(*) > 0
        union all
        select 'rejected class', source_table, class_kind || ' ' || class, reason, row_count
        from {{ ref("rejected_classes") }}
        union all
        select 'rejected row', source_table, reason, null, count(*)
        from {{ ref("rejected_rows") }}
        where source_table in ('overrides', 'account_managers')
        group by source_table, reason
        union all
        select kind, source_table, subject, example, row_count
        from {{ ref("unusual_rows") }}
        union all
        select 'no returns', 'invoices', 'quantity', null, row_count
        from all_lines
        where row_count >= 1000 and negative = 0
        union all
        select
            'unread column',
            unread_columns.source_table,
            unread_columns.column_name,
            unread_columns.cells || case
                when unread_columns.source_table = 'invoices' and all_lines.negative = 0
                then '. No quantity is negative'
                else ''
            end,
            unread_columns.row_count
        from unread_columns
        cross join all_lines
        where unread_columns.cells is not null
        union all
        select 'unread file', source_table, column_name, null, row_count
        from unread_columns
        where cells is null
        union all
        select 'unit changes', source_table, column_name, a_mixed_id, mixed
        from unread_columns
        where mixed > 0
    ),

    told as (
        select
            *,
            case
                kind
                when 'word for nothing'
                then
                    '{subject} contains a placeholder (such as NULL or #N/A) in {rows} rows; '
                    || 'it counts as an empty cell.'
                when 'spelling'
                then '{subject} is spelled differently in {rows} rows, for example {example}; all count as the same.'
                when 'contradicting id'
                then '{example}'
                when 'rejected class'
                then
                    'all {rows} rows '
                    || case subject when 'sign negative' then 'with a negative quantity' else 'of the {subject}' end
                    || ' were rejected for the same reason: {example}. Check the export.'
                when 'ids far apart'
                then
                    'invoice_ids on dates more than a month apart: {rows}, for example {example}; '
                    || 'each date counts as an order of its own.'
                when 'no returns'
                then
                    'none of {rows} lines has a negative quantity. Check that returns, credit notes and canceled '
                    || 'documents are in the export (docs/what-ipre-cannot-see.md).'
                when 'old export'
                then
                    'the newest invoice is of {example} before this run; lists are made for that day. Check the export.'
                when 'unread column'
                then
                    'the column {subject} is not read: {example}. '
                    || 'If it changes what a row means, see docs/what-ipre-cannot-see.md.'
                when 'unread file'
                then
                    'the file {subject} is not read. If it is a part of the table, put all parts into a folder '
                    || source_table
                    || '/; if not, move it.'
                when 'unit changes'
                then
                    'products with more than one {subject}: {rows}, for example {example}; '
                    || 'quantities are added as they are.'
                when 'unknown successor'
                then 'replaced_by names {example}, which is not an id of the table; such rows count for themselves.'
                when 'unreadable answer'
                then 'active is {example} in {rows} rows, neither yes nor no; it counts as yes.'
                when 'unreadable number'
                then '{subject} is not a number in {rows} rows, for example {example}; it counts as an empty cell.'
                when 'several currencies'
                then '{subject} has several currencies, for example {example}; ipre reads them as one.'
                when 'cost above price'
                then
                    'unit_cost is above unit_price in {rows} rows, for example of the product {example}; '
                    || 'the margin is below 0.'
                when 'garbled letters'
                then
                    '{subject} has garbled letters in {rows} rows, for example {example}. Export the file as UTF-8, and '
                    || 'open it as UTF-8 in every program between.'
                when 'price below 0'
                then
                    'unit_price is below 0 in {rows} rows, for example of the product {example}; it lowers the values of '
                    || 'lists. A discount is no product (docs/what-ipre-cannot-see.md).'
                when 'managers alike'
                then '{subject} has {rows} spellings, for example {example}; each has a call list of its own.'
                when 'full spreadsheet'
                then 'the table has {rows} rows, as many as a spreadsheet holds. Check that none are cut off.'
                when 'ids alike'
                then
                    'ids that differ only in case or leading zeros: {rows}, for example {example}; each counts as its '
                    || 'own. If they are one, write them alike or use replaced_by.'
                when 'small segments'
                then
                    '{subject} divide {rows} customers into {example} groups, too few in each to compare. Use fewer '
                    || 'regions and end uses.'
                when 'more departments than aisles'
                then
                    'l2_category (the department) has {rows} values and l3_category (the aisle in it) {example}. Check '
                    || 'that the two columns are not swapped.'
                when 'id written otherwise'
                then
                    '{subject} of {rows} rows differs from an accepted one only in case or leading zeros, for example '
                    || '{example}; they were rejected. Write both alike.'
                when 'frequent product'
                then
                    'the product {subject} ({example}) is on more than half of the invoices, {rows} lines. If it is '
                    || 'freight, a deposit or a fee, name it in never_recommend.'
                when 'frequent customer'
                then
                    'the customer {subject} ({example}) has more than a tenth of the lines, {rows}. If it stands for '
                    || 'many buyers, leave it out (docs/what-ipre-cannot-see.md).'
                when 'old date'
                then
                    'invoice_date is before 1950 in {rows} rows, for example {example}, and is read as it is. Check '
                    || 'years with two digits and other calendars.'
                when 'line number twice'
                then
                    'lines with the line_number of another line of their invoice: {rows}, for example of {example}; '
                    || 'all count. Check for exports whose periods overlap.'
                when 'lines twice'
                then
                    'of every tenth customer, {rows} lines, more than a fifth, are there under two numbers, for example '
                    || '{example}. Check that orders, delivery notes and other systems are not in the export, too.'
                when 'pin without effect'
                then
                    'pins of a product that is not shown now: {rows}, for example {example}. '
                    || 'It is out of stock, discontinued or never recommended.'
                when 'placeholder date'
                then '{subject} is in {rows} rows; systems write it where there is no date, but it is read as one.'
                when 'rejected row'
                then '{rows} rows without effect: {subject}.'
                when 'unknown id in never_recommend'
                then 'never_recommend names {subject}, which is not a product_id.'
            end as words
        from facts
    )

select
    source_table,
    kind,
    subject,
    replace(
        replace(
            replace(replace(source_table || ': ' || words, '{rows}', cast(row_count as string)), ' 1 rows', ' 1 row'),
            '{subject}',
            subject
        ),
        '{example}',
        coalesce(example, '')
    ) as sentence,
    cast(row_count as bigint) as row_count
from told
