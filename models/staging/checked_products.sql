with

    products as (select * from {{ ref("read_products") }}),

    complete as (select *, {{ unusable_row_reason("products") }} as unusable_reason from products),

    -- Which of several rows with one key is kept depends on their content only, never on their order in the file.
    ordered as (
        select
            *,
            row_number() over (
                partition by product_id, unusable_reason is null
                order by product_name, l2_category, l3_category, unit_price, row_number
            ) as place_among_equals
        from complete
    )

select
    product_id,
    product_name,
    l2_category,
    l3_category,
    coalesce(
        unusable_reason, case when place_among_equals > 1 then 'duplicate product_id, another row with it was kept' end
    ) as rejection_reason,
    {{ row_as_json("products") }} as row_values,
    row_number,
    case when isfinite(try_cast(unit_price as double)) then try_cast(unit_price as double) end as unit_price
from ordered
