-- Two products under one id become one: a rule that counts its buyers would speak of something that nobody ever bought.
with

    {% for table_name, texts in {
        "customers": ["customer_name", "region", "end_use"],
        "products": ["product_name", "l2_category", "l3_category"],
    }.items() %}
        {% set id = id_columns(table_name)[0] %}
        {{ table_name }} as (select * from {{ ref(checked_models()[table_name]) }}),

        repeated_{{ table_name }} as (
            select
                '{{ table_name }}' as source_table,
                {{ id }} as id,
                {{ texts[0] }} as name,
                {{ spelling_key(texts | join(" || '|' || ")) }} as content
            from {{ table_name }}
            where
                (rejection_reason is null or rejection_reason = '{{ duplicate_reason(id) }}')
                and {{ id }}
                in (select {{ id }} from {{ table_name }} where rejection_reason = '{{ duplicate_reason(id) }}')
        ),
    {% endfor %}

    repeated as (
        select *
        from repeated_customers
        union all
        select *
        from repeated_products
    )

select source_table, id, min(name) as a_name, max(name) as another_name, count(*) as row_count
from repeated
group by source_table, id
having count(distinct content) > 1
