with

    cleaned as (select {{ cleaned_columns("list_openings") }} from {{ input_relation("list_openings") }} as rows_read),

    list_openings as (select {{ known_columns("list_openings") }} from cleaned),

    customers as (select customer_id, counts_for from {{ ref("judged_customers") }} where counts_for is not null),

    parsed as (
        select
            *,
            {{ parse_utc("opened_at") }} as opened_at_utc,
            row_number() over (partition by opening_id order by row_number) as position_among_equals
        from list_openings
    )

select
    parsed.opening_id,
    coalesce(customers.counts_for, parsed.customer_id) as customer_id,
    parsed.run_id,
    parsed.opened_by,
    coalesce(
        {{ unusable_row_reason("list_openings", "parsed") }},
        case
            when parsed.position_among_equals > 1
            then '{{ duplicate_reason("opening_id") }}'
            when customers.counts_for is null
            then 'customer_id is not among the accepted customers'
            when parsed.opened_at_utc is null
            then 'opened_at is not a time (YYYY-MM-DDTHH:MM:SSZ)'
            when {{ is_in_the_future(event_day("parsed.opened_at_utc")) }}
            then 'opened_at is in the future'
        end
    ) as rejection_reason,
    {{ row_as_json("list_openings", "parsed") }} as row_values,
    parsed.row_number,
    parsed.opened_at_utc
from parsed
left join customers on parsed.customer_id = customers.customer_id
