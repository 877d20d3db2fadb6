with purchases as (select * from {{ ref("purchases") }} where quantity_bought > 0)

select customer_number, product_number, {{ days_between("date '1970-01-01'", "invoice_date") }} as day
from purchases
