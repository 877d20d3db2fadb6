with

    rejected_classes as (select * from {{ ref("rejected_classes") }}),

    ambiguous_ids as (select * from {{ ref("ambiguous_ids") }}),

    stg_products as (select * from {{ ref("stg_products") }}),

    words_for_nothing as (select * from {{ ref("words_for_nothing") }}),

    other_spellings as (select * from {{ ref("other_spellings") }}),

    unreadable_answers as (select * from {{ ref("unreadable_answers") }}),

    never_recommended as (
        {% for product_id in var("never_recommend") %}
            {{ "union all" if not loop.first }} select {{ clean_id(sql_literal(product_id)) }} as product_id
        {% else %}select cast(null as string) as product_id where false
        {% endfor %}
    ),

    rejected_of_hand_kept as (
        select source_table, reason, count(*) as row_count
        from {{ ref("rejected_rows") }}
        where source_table in ('{{ hand_kept_tables() | join("', '") }}')
        group by source_table, reason
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
            source_table,
            'unreadable answer' as kind,
            column_name || ' ' || answer as subject,
            row_count,
            source_table
            || ': '
            || column_name
            || ' is '
            || answer
            || ' in '
            || row_count
            || ' rows, which is neither yes nor no, and counts as yes.' as sentence
        from unreadable_answers
        union all
        select
            source_table,
            'rejected row' as kind,
            reason as subject,
            row_count,
            source_table
            || case row_count when 1 then ': a row does nothing: ' else ': ' || row_count || ' rows do nothing: ' end
            || reason
            || '.' as sentence
        from rejected_of_hand_kept
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
