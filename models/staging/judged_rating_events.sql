with

    cleaned as (select {{ cleaned_columns("rating_events") }} from {{ input_relation("rating_events") }} as rows_read),

    rating_events as (select {{ known_columns("rating_events") }} from cleaned),

    customers as (select customer_id, counts_for from {{ ref("judged_customers") }} where counts_for is not null),

    products as (select product_id, counts_for from {{ ref("judged_products") }} where counts_for is not null),

    parsed as (
        select
            *,
            case
                lower(rating)
                when 'high'
                then 'High'
                when 'medium'
                then 'Medium'
                when 'low'
                then 'Low'
                when 'withdrawn'
                then 'Withdrawn'
            end as known_rating,
            {{ parse_utc("rated_at") }} as rated_at_utc,
            row_number() over (partition by event_id order by row_number) as position_among_equals
        from rating_events
    )

select
    parsed.event_id,
    coalesce(customers.counts_for, parsed.customer_id) as customer_id,
    coalesce(products.counts_for, parsed.product_id) as product_id,
    parsed.known_rating as rating,
    parsed.reason_code,
    parsed.channel,
    parsed.rated_by,
    parsed.comment,
    coalesce(
        {{ unusable_row_reason("rating_events", "parsed") }},
        case
            when parsed.position_among_equals > 1
            then '{{ duplicate_reason("event_id") }}'
            when customers.counts_for is null
            then 'customer_id is not among the accepted customers'
            when products.counts_for is null
            then 'product_id is not among the accepted products'
            when parsed.known_rating is null
            then 'rating is not High, Medium, Low or Withdrawn'
            when parsed.reason_code not in ({{ texts_in_sql(reason_codes()) }})
            then 'reason_code is not {{ reason_codes() | join(", ") }}'
            when parsed.channel not in ({{ texts_in_sql(channels()) }})
            then 'channel is not {{ channels() | join(", ") }}'
            when parsed.rated_at_utc is null
            then 'rated_at is not a time (YYYY-MM-DDTHH:MM:SSZ)'
            when {{ is_in_the_future(event_day("parsed.rated_at_utc")) }}
            then 'rated_at is in the future'
        end
    ) as rejection_reason,
    {{ row_as_json("rating_events", "parsed") }} as row_values,
    parsed.row_number,
    parsed.rated_at_utc
from parsed
left join customers on parsed.customer_id = customers.customer_id
left join products on parsed.product_id = products.product_id
