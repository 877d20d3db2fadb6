with

    customers as (select * from {{ ref("read_customers") }}),

    complete as (select *, {{ unusable_row_reason("customers") }} as unusable_reason from customers),

    -- Which of several rows with one key is kept depends on their content only, never on their order in the file.
    ordered as (
        select
            *,
            row_number() over (
                partition by customer_id, unusable_reason is null
                order by customer_name, region, end_use, city, state, account_manager, row_number
            ) as place_among_equals
        from complete
    )

select
    customer_id,
    customer_name,
    region,
    end_use,
    region || '_' || end_use as segment,
    city,
    state,
    account_manager,
    coalesce(
        unusable_reason, case when place_among_equals > 1 then 'duplicate customer_id, another row with it was kept' end
    ) as rejection_reason,
    {{ row_as_json("customers") }} as row_values,
    row_number
from ordered
