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

    l2_spellings as (
        select l2_category as spelling, {{ common_spelling("l2_category") }} as common
        from complete
        where unusable_reason is null
        group by l2_category
    ),

    l3_spellings as (
        select l3_category as spelling, {{ common_spelling("l3_category") }} as common
        from complete
        where unusable_reason is null
        group by l3_category
    ),

    spelled as (
        select
            complete.product_id,
            complete.product_name,
            coalesce(l2_spellings.common, complete.l2_category) as l2_category,
            coalesce(l3_spellings.common, complete.l3_category) as l3_category,
            {{ parse_amount("complete.unit_price_amount") }} as unit_price,
            complete.unit_price as unit_price_as_read,
            {{ parse_amount("complete.unit_cost_amount") }} as unit_cost,
            complete.unit_cost as unit_cost_as_read,
            {{ parse_quantity("complete.stock_on_hand") }} as stock_on_hand,
            complete.stock_on_hand as stock_on_hand_as_read,
            case when {{ says_no("complete.active") }} then 'no' else 'yes' end as active,
            case
                when
                    not {{ says_no("complete.active") }}
                    and lower(complete.active) not in ('yes', 'y', 'true', 't', '1', '1.0')
                then complete.active
            end as unreadable_active,
            complete.replaced_by,
            complete.l2_category as l2_category_as_read,
            complete.l3_category as l3_category_as_read,
            complete.unusable_reason,
            complete.row_values,
            complete.row_number
        from complete
        left join l2_spellings on complete.l2_category = l2_spellings.spelling
        left join l3_spellings on complete.l3_category = l3_spellings.spelling
    ),

    -- Which of several rows with one key is kept depends on their content only, never on their order in the file.
    -- What one warehouse still sells is sold, and what one has is in stock.
    ordered as (
        select
            *,
            row_number() over (
                partition by product_id, unusable_reason is null
                order by
                    active desc,
                    product_name nulls last,
                    l2_category nulls last,
                    l3_category nulls last,
                    stock_on_hand desc nulls last,
                    unit_price desc nulls last,
                    unit_cost desc nulls last,
                    replaced_by nulls last,
                    row_number
            ) as position_among_equals
        from spelled
    ),

    judged as (
        select
            ordered.product_id,
            ordered.product_name,
            ordered.l2_category,
            ordered.l3_category,
            ordered.active,
            ordered.unreadable_active,
            ordered.replaced_by,
            successors.successor,
            ordered.l2_category_as_read,
            ordered.l3_category_as_read,
            coalesce(
                ordered.unusable_reason,
                case
                    when ordered.position_among_equals > 1
                    then '{{ duplicate_reason("product_id") }}'
                    when successors.is_without_end
                    then '{{ circle_reason() }}'
                end
            ) as rejection_reason,
            case when ordered.unit_price is null then ordered.unit_price_as_read end as unreadable_unit_price,
            {{ currency_of("ordered.unit_price_as_read") }} as unit_price_currency,
            case when ordered.unit_cost is null then ordered.unit_cost_as_read end as unreadable_unit_cost,
            {{ currency_of("ordered.unit_cost_as_read") }} as unit_cost_currency,
            case when ordered.stock_on_hand is null then ordered.stock_on_hand_as_read end as unreadable_stock_on_hand,
            ordered.row_values,
            ordered.row_number,
            ordered.unit_price,
            ordered.unit_cost,
            ordered.stock_on_hand
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
