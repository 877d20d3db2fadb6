with

    customer_figures as (
        select count(*) as customers, count(*) filter (where is_held_out) as customers_held_out
        from {{ ref("customer_numbers") }}
    ),

    -- Averages are taken over decimals: sums of floats differ in the last digit from one thread count to the next.
    list_figures as (
        select
            count(*) as recommendations,
            count(distinct customer_id) as customers_with_recommendations,
            count(*) filter (where rank = {{ var("recommendations_per_customer") }}) as customers_with_full_list,
            cast(sum(cast(confidence as decimal(18, 15))) as double) / count(*) as avg_confidence,
            cast(sum(cast(support as decimal(18, 15))) as double) / count(*) as avg_support,
            count(*) filter (where source = 'association') as rule_places,
            count(rating) as recommendations_rated,
            count(*) filter (where rating in ('High', 'Medium')) as recommendations_rated_high_or_medium
        from {{ ref("final_recommendations") }}
    ),

    -- Over every known rating, not only over those still shown: feedback takes the Low ones off the lists, so the
    -- lists alone would always look well rated.
    rating_figures as (
        select count(*) as rated, count(*) filter (where rating in ('High', 'Medium')) as rated_high_or_medium
        from {{ ref("current_ratings") }}
    ),

    figures as (
        -- Of those who are to be shown a list.
        select *, nullif(customers - customers_held_out, 0) as customers_to_be_served
        from customer_figures
        cross join list_figures
        cross join rating_figures
    )

{% for metric, value in {
        "customers": "customers",
        "customers_held_out": "customers_held_out",
        "customers_with_recommendations": "customers_with_recommendations",
        "customers_with_full_list": "customers_with_full_list",
        "coverage": "customers_with_recommendations / customers_to_be_served",
        "recommendations": "recommendations",
        "recommendations_per_customer": "recommendations / customers_to_be_served",
        "avg_confidence": "avg_confidence",
        "avg_support": "avg_support",
        "share_from_associations": "rule_places / nullif(recommendations, 0)",
        "rated": "rated",
        "rated_high_or_medium_share": "rated_high_or_medium / nullif(rated, 0)",
        "recommendations_rated": "recommendations_rated",
        "recommendations_rated_high_or_medium_share": (
            "recommendations_rated_high_or_medium / nullif(recommendations_rated, 0)"
        ),
    }.items() %}
        {{ "union all" if not loop.first }}
    select '{{ metric }}' as metric, cast({{ value }} as double) as value
    from figures
{% endfor %}
