with

    feedback as (select * from {{ ref("read_feedback") }}),

    customers as (select customer_id from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    parsed as (
        select
            *,
            case
                lower(rating) when 'high' then 'High' when 'medium' then 'Medium' when 'low' then 'Low'
            end as known_rating,
            {{ parse_date("rated_at") }} as rated_on,
            try_cast(rated_at as timestamp) as rated_at_time
        from feedback
    )

select
    parsed.customer_id,
    parsed.product_id,
    parsed.known_rating as rating,
    parsed.rated_by,
    parsed.comment,
    coalesce(
        {{ unusable_row_reason("feedback", "parsed") }},
        case
            when customers.customer_id is null
            then 'customer_id is not among the accepted customers'
            when products.product_id is null
            then 'product_id is not among the accepted products'
            when parsed.known_rating is null
            then 'rating is not High, Medium or Low'
            when parsed.rated_at is not null and parsed.rated_on is null
            then 'rated_at is not a date (YYYY-MM-DD)'
        end
    ) as rejection_reason,
    {{ row_as_json("feedback", "parsed") }} as row_values,
    parsed.row_number,
    -- The date as written; its time of day only where DuckDB reads one for that same date.
    case
        when cast(parsed.rated_at_time as date) = parsed.rated_on
        then parsed.rated_at_time
        else cast(parsed.rated_on as timestamp)
    end as rated_at
from parsed
left join customers on parsed.customer_id = customers.customer_id
left join products on parsed.product_id = products.product_id
