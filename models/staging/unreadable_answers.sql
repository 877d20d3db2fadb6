select 'products' as source_table, 'active' as column_name, unreadable_active as answer, count(*) as row_count
from {{ ref("checked_products") }}
where unreadable_active is not null and rejection_reason is null
group by unreadable_active
