with checked_account_managers as (select * from {{ ref("checked_account_managers") }})

select account_manager, user as user_name, role, row_number
from checked_account_managers
where rejection_reason is null
