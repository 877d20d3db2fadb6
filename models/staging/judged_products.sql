with

    cleaned as (select {{ cleaned_columns("products") }} from {{ input_relation("products") }} as rows_read),

    products as (select {{ known_columns("products") }} from cleaned),

    successors as (select * from {{ ref("successors") }} where source_table = 'products'),

    complete as (
        select
            products.*,
            {{ bare_amount("products.unit_price") }} as unit_price_amount,
            {{ bare_amount("products.unit_cost") }} as unit_cost_amount,
            {{ unusable_row_reason("products", "products") }} as unusable_reason,
            {{ row_as_json("products", "products") }} as row_values
        from products
    ),

    {% for column in ["l2_category", "l3_category"] %}
        {{ column }}_spellings as (
            select {{ column }} as spelling, {{ common_spelling(column) }} as common
            from complete
            where unusable_reason is null
            group by {{ column }}
        ),
    {% endfor %}

    parsed as (
        select
            complete.*,
            coalesce(l2_category_spellings.common, complete.l2_category) as common_l2_category,
            coalesce(l3_category_spellings.common, complete.l3_category) as common_l3_category,
            {{ parse_amount("complete.unit_price_amount") }} as parsed_unit_price,
            {{ parse_amount("complete.unit_cost_amount") }} as parsed_unit_cost,
            {{ parse_quantity("complete.stock_on_hand") }} as parsed_stock_on_hand,
            case when {{ says_no("complete.active") }} then 'no' else 'yes' end as known_active
        from complete
        left join l2_category_spellings on complete.l2_category = l2_category_spellings.spelling
        left join l3_category_spellings on complete.l3_category = l3_category_spellings.spelling
    ),

    -- Which of several rows with one key is kept depends on their content only, never on their order in the file.
    -- What one warehouse still sells is sold, and what one has is in stock.
    ordered as (
        select
            *,
            row_number() over (
                partition by product_id, unusable_reason is null
                order by
                    known_active desc,
                    product_name nulls last,
                    common_l2_category nulls last,
                    common_l3_category nulls last,
                    parsed_stock_on_hand desc nulls last,
                    parsed_unit_price desc nulls last,
                    parsed_unit_cost desc nulls last,
                    replaced_by nulls last,
                    row_number
            ) as position_among_equals
        from parsed
    ),

    judged as (
        select
            ordered.product_id,
            ordered.product_name,
            ordered.common_l2_category as l2_category,
            ordered.common_l3_category as l3_category,
            ordered.known_active as active,
            case
                when ordered.known_active = 'yes' and lower(ordered.active) not in ('yes', 'y', 'true', 't', '1', '1.0')
                then ordered.active
            end as unreadable_active,
            ordered.replaced_by,
            successors.successor,
            ordered.l2_category as l2_category_as_read,
            ordered.l3_category as l3_category_as_read,
            coalesce(
                ordered.unusable_reason,
                case
                    when ordered.position_among_equals > 1
                    then '{{ duplicate_reason("product_id") }}'
                    when successors.is_without_end
                    then '{{ circle_reason() }}'
                end
            ) as rejection_reason,
            {% for column in ["unit_price", "unit_cost", "stock_on_hand"] %}
                case when ordered.parsed_{{ column }} is null then ordered.{{ column }} end as unreadable_{{ column }},
                ordered.parsed_{{ column }} as {{ column }},
            {% endfor %}
            {{ currency_of("ordered.unit_price") }} as unit_price_currency,
            {{ currency_of("ordered.unit_cost") }} as unit_cost_currency,
            ordered.row_values,
            ordered.row_number
        from ordered
        left join successors on ordered.product_id = successors.id
    ),

    accepted as (select product_id from judged where rejection_reason is null)

-- What names an id counts for its last successor; where that was rejected, for nobody.
select judged.*, accepted.product_id as counts_for
from judged
-- A condition on one side alone, beside the equality, would make DuckDB compare every row with every other.
left join
    accepted
    on case when judged.rejection_reason is null then coalesce(judged.successor, judged.product_id) end
    = accepted.product_id
