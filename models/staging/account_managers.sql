with judged_account_managers as (select * from {{ ref("judged_account_managers") }})

select account_manager, user as user_name, role, row_number
from judged_account_managers
where rejection_reason is null
