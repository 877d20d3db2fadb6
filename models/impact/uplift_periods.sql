-- As many days before the start as there are since. The first day is one after from_day, the last is until_day.
with

    customers as (select * from {{ ref("uplift_customers") }}),

    ledger as (select min(first_shown_on) as began_on from {{ ref("shown_ledger") }})

select
    customers.customer_number,
    customers.customer_id,
    customers.is_held_out,
    'before' as period,
    false as reads_held_out,
    ledger.began_on <= customers.started_on - cast(customers.days as integer) as is_in_the_ledger,
    customers.started_on - cast(customers.days as integer) as from_day,
    customers.started_on as until_day
from customers
cross join ledger
union all
select
    customers.customer_number,
    customers.customer_id,
    customers.is_held_out,
    'after' as period,
    customers.is_held_out as reads_held_out,
    true as is_in_the_ledger,
    customers.started_on as from_day,
    customers.as_of_date as until_day
from customers
