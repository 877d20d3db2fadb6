with judged_list_openings as (select * from {{ ref("judged_list_openings") }})

select
    opening_id, customer_id, run_id, opened_by, row_number, opened_at_utc, {{ event_day("opened_at_utc") }} as opened_on
from judged_list_openings
where rejection_reason is null
