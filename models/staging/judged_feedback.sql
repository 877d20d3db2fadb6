with

    cleaned as (select {{ cleaned_columns("feedback") }} from {{ input_relation("feedback") }} as rows_read),

    feedback as (select {{ known_columns("feedback") }} from cleaned),

    customers as (select customer_id, counts_for from {{ ref("judged_customers") }} where counts_for is not null),

    products as (select product_id, counts_for from {{ ref("judged_products") }} where counts_for is not null),

    parsed as (
        select
            *,
            case
                lower(rating) when 'high' then 'High' when 'medium' then 'Medium' when 'low' then 'Low'
            end as known_rating,
            {{ parse_time("rated_at") }} as rated_at_time,
            {{ zone_minutes("rated_at") }} as zone_minutes
        from feedback
    )

select
    coalesce(customers.counts_for, parsed.customer_id) as customer_id,
    coalesce(products.counts_for, parsed.product_id) as product_id,
    parsed.known_rating as rating,
    case when parsed.known_rating is null then parsed.rating end as rejected_rating,
    parsed.rated_by,
    parsed.comment,
    coalesce(
        {{ unusable_row_reason("feedback", "parsed") }},
        case
            when customers.counts_for is null
            then 'customer_id is not among the accepted customers'
            when products.counts_for is null
            then 'product_id is not among the accepted products'
            when parsed.known_rating is null
            then 'rating is not High, Medium or Low'
            when parsed.rated_at is not null and parsed.rated_at_time is null
            then 'rated_at is not a date (YYYY-MM-DD)'
            when {{ is_in_the_future("cast(parsed.rated_at_time as date)") }}
            then 'rated_at is in the future'
        end
    ) as rejection_reason,
    {{ row_as_json("feedback", "parsed") }} as row_values,
    parsed.row_number,
    parsed.rated_at_time as rated_at,
    parsed.rated_at_time - parsed.zone_minutes * interval '1' minute as rated_at_utc
from parsed
left join customers on parsed.customer_id = customers.customer_id
left join products on parsed.product_id = products.product_id
