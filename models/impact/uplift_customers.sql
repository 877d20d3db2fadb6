-- Drawn once: those who had a list, seen or not, on the day on which the hold-out began. Who came later is in no group.
with

    held_out_ledger as (select customer_id, first_shown_on from {{ ref("held_out_ledger") }}),

    shown_ledger as (select customer_id, first_shown_on, last_shown_on from {{ ref("shown_ledger") }}),

    held_out_customers as (select customer_id from {{ ref("held_out_customers") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    starts as (select min(first_shown_on) as started_on from held_out_ledger),

    had_a_list as (
        select held_out_ledger.customer_id, starts.started_on
        from held_out_ledger
        inner join starts on held_out_ledger.first_shown_on = starts.started_on
        union
        select shown_ledger.customer_id, starts.started_on
        from shown_ledger
        inner join
            starts
            on shown_ledger.first_shown_on <= starts.started_on
            and shown_ledger.last_shown_on >= starts.started_on
    )

select
    customers.customer_id,
    customers.customer_number,
    held_out_customers.customer_id is not null as is_held_out,
    had_a_list.started_on,
    as_of.as_of_date,
    {{ days_between("had_a_list.started_on", "as_of.as_of_date") }} as days
from had_a_list
inner join customers on had_a_list.customer_id = customers.customer_id
left join held_out_customers on had_a_list.customer_id = held_out_customers.customer_id
cross join as_of
where as_of.as_of_date > had_a_list.started_on
