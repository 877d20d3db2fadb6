with

    rejected_classes as (select * from {{ ref("rejected_classes") }}),

    ambiguous_ids as (select * from {{ ref("ambiguous_ids") }}),

    stg_products as (select * from {{ ref("stg_products") }}),

    {% for table_name, columns in input_tables().items() %}
        words_in_{{ table_name }} as (
            select
                {% for column in columns["required"] + columns["optional"] %}
                    {% set text = "cast(" ~ column ~ " as varchar)" %}
                    count(*) filter (
                        where length({{ text }}) < 10 and {{ is_a_word_for_nothing("trim(" ~ text ~ ")") }}
                    ) as {{ column }}{{ "," if not loop.last }}
                {% endfor %}
            from {{ input_relation(table_name) }}
        ),
    {% endfor %}

    words_for_nothing as (
        {% for table_name, columns in input_tables().items() %}
            {% set is_last_table = loop.last %}
            {% for column in columns["required"] + columns["optional"] %}
                select '{{ table_name }}' as source_table, '{{ column }}' as subject, {{ column }} as row_count
                from words_in_{{ table_name }} {{ "union all" if not (loop.last and is_last_table) }}
            {% endfor %}
        {% endfor %}
    ),

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
                '{{ column }}' as column_name,
                checked.{{ column }} as common,
                min(as_read.{{ column }}) as an_example,
                count(*) as row_count
            from {{ ref("read_" ~ table_name) }} as as_read
            inner join {{ ref(checked_models()[table_name]) }} as checked on as_read.row_number = checked.row_number
            where as_read.{{ column }} <> checked.{{ column }}
            group by checked.{{ column }}
        {% endfor %}
    ),

    never_recommended as (
        {% for product_id in var("never_recommend") %}
            {{ "union all" if not loop.first }} select {{ clean_id(sql_literal(product_id)) }} as product_id
        {% else %}select cast(null as varchar) as product_id where false
        {% endfor %}
    ),

    findings as (
        select
            source_table,
            'word for nothing' as kind,
            subject,
            row_count,
            source_table
            || ': a word for nothing (NULL, #N/A and the like) stands '
            || row_count
            || ' times in '
            || subject
            || ', and counts as an empty cell.' as sentence
        from words_for_nothing
        where row_count > 0
        union all
        select
            source_table,
            'spelling' as kind,
            column_name || ' ' || common as subject,
            row_count,
            source_table
            || ': '
            || row_count
            || ' rows spell the '
            || column_name
            || ' '
            || common
            || ' in another way, '
            || an_example
            || ' for example, and are taken for the same.' as sentence
        from other_spellings
        union all
        select
            source_table,
            'contradicting id' as kind,
            id as subject,
            row_count,
            {{ contradiction_sentence() }} as sentence
        from ambiguous_ids
        union all
        select
            source_table,
            'rejected class' as kind,
            class_kind || ' ' || class as subject,
            row_count,
            source_table
            || ': all '
            || row_count
            || ' rows '
            || case
                class_kind when 'sign' then 'with a negative quantity' else 'of the ' || class_kind || ' ' || class
            end
            || ' were rejected, for one reason: '
            || reason
            || '.' as sentence
        from rejected_classes
        union all
        select
            'products' as source_table,
            'unknown id in never_recommend' as kind,
            never_recommended.product_id as subject,
            0 as row_count,
            'products: never_recommend names '
            || never_recommended.product_id
            || ', which is no product_id.' as sentence
        from never_recommended
        anti join stg_products on never_recommended.product_id = stg_products.product_id
    )

select distinct source_table, kind, subject, sentence, cast(row_count as bigint) as row_count
from findings
