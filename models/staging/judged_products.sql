with

    cleaned as (select {{ cleaned_columns("products") }} from {{ input_relation("products") }} as rows_read),

    products as (select {{ known_columns("products") }} from cleaned),

    complete as (
        select
            products.*,
            {{ bare_amount("products.unit_price") }} as unit_price_amount,
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
            complete.unit_price,
            complete.unit_price_amount,
            complete.active,
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
    ordered as (
        select
            *,
            row_number() over (
                partition by product_id, unusable_reason is null
                order by
                    product_name nulls last,
                    l2_category nulls last,
                    l3_category nulls last,
                    unit_price nulls last,
                    active nulls last,
                    row_number
            ) as place_among_equals
        from spelled
    )

select
    product_id,
    product_name,
    l2_category,
    l3_category,
    l2_category_as_read,
    l3_category_as_read,
    coalesce(
        unusable_reason, case when place_among_equals > 1 then '{{ duplicate_reason("product_id") }}' end
    ) as rejection_reason,
    {{ says_no("active") }} as is_discontinued,
    case when not {{ says_no("active") }} and not {{ says_yes("active") }} then active end as unreadable_active,
    case when {{ parse_amount("unit_price_amount") }} is null then unit_price end as unreadable_unit_price,
    {{ currency_of("unit_price") }} as unit_price_currency,
    row_values,
    row_number,
    {{ parse_amount("unit_price_amount") }} as unit_price
from ordered
