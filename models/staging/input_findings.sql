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
        {% for column in columns_marked("products", "money") %}
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
