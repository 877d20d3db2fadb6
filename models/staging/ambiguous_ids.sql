-- Two products under one id become one: a rule that counts its buyers would speak of something that nobody ever bought.
-- Rows of one id that differ in case and blanks say the same. So do an empty cell and any other.
with

    compared as (
        {% for table_name, id in [("customers", "customer_id"), ("products", "product_id")] %}
            {% set is_duplicate = "rejection_reason = '" ~ duplicate_reason(id) ~ "'" %}
            {{ "union all" if not loop.first }}
            select
                '{{ table_name }}' as source_table,
                {{ id }} as id,
                count(*) as row_count,
                concat_ws(
                    ', '
                    {%- for column in input_columns(table_name) if column != id %}
                        ,
                        case
                            when count(distinct {{ spelling_key("cast(" ~ column ~ " as string)") }}) > 1
                            then '{{ column }} (' || min({{ column }}) || ', ' || max({{ column }}) || ')'
                        end
                    {%- endfor %}
                ) as differences,
                false
                {%- for column in columns_marked(table_name, "required") if column != id %}
                    or count(distinct {{ spelling_key(column) }}) > 1
                {%- endfor %} as are_two_things
            from {{ ref("judged_" ~ table_name) }}
            where
                (rejection_reason is null or {{ is_duplicate }})
                and {{ id }} in (select {{ id }} from {{ ref("judged_" ~ table_name) }} where {{ is_duplicate }})
            group by {{ id }}
        {% endfor %}
    )

select
    source_table,
    id,
    row_count
    || ' rows have the id '
    || id
    || ' and contradict each other in '
    || differences
    || '; one of them was kept.' as sentence,
    are_two_things,
    row_count
from compared
where differences <> ''
