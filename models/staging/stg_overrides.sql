with judged_overrides as (select * from {{ ref("judged_overrides") }})

select
    action,
    customer_id,
    account_manager,
    product_id,
    l3_category,
    l2_category,
    note,
    set_by,
    row_number,
    valid_from,
    valid_until
from judged_overrides
where rejection_reason is null
