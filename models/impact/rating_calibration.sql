with

    as_of as (select as_of_date from {{ ref("as_of") }}),

    -- A pair counts once for each rating that it was given, from the first day it was given: a later word restarts
    -- nothing.
    ratings as (
        select customer_number, product_number, rating, min(rated_on) as rated_on
        from {{ ref("known_ratings") }}
        where rating <> 'Withdrawn' and rated_on is not null
        group by customer_number, product_number, rating
    ),

    first_purchases as (
        select purchases.customer_number, purchases.product_number, min(purchases.invoice_date) as first_bought_on
        from {{ ref("purchases") }} as purchases
        semi join ratings using (customer_number, product_number)
        where purchases.quantity > 0
        group by purchases.customer_number, purchases.product_number
    ),

    pairs as (
        select
            ratings.rating,
            ratings.rated_on + {{ var("adoption_window_days") }} <= as_of.as_of_date as is_mature,
            coalesce(
                first_purchases.first_bought_on <= ratings.rated_on + {{ var("adoption_window_days") }}, false
            ) as is_bought
        from ratings
        cross join as_of
        left join first_purchases using (customer_number, product_number)
        -- Who had it already is no test of the rating.
        where coalesce(first_purchases.first_bought_on > ratings.rated_on, true)
    ),

    words as (
        {% for rating in ["High", "Medium", "Low"] %}
            select '{{ rating }}' as rating, {{ loop.index }} as place {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    counted as (
        select
            words.rating,
            words.place,
            count(pairs.rating) as rated_pairs,
            count(pairs.rating) filter (where pairs.is_mature) as mature,
            count(pairs.rating) filter (where pairs.is_mature and pairs.is_bought) as bought
        from words
        left join pairs using (rating)
        group by words.rating, words.place
    )

select
    rating,
    rated_pairs,
    mature,
    bought,
    bought / nullif(mature, 0) as rate,
    {{ wilson_bound("bought", "mature", "-") }} as rate_low,
    {{ wilson_bound("bought", "mature", "+") }} as rate_high,
    cast(place as integer) as place
from counted
