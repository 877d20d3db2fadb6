with orders as (select * from {{ ref("known_orders") }} where quantity_bought > 0)

select customer_number, product_number, {{ days_between("date '1970-01-01'", "last_purchase_date") }} as day
from orders
