with

    customers as (select is_held_out from {{ ref("customer_numbers") }}),

    final_recommendations as (select * from {{ ref("final_recommendations") }}),

    current_ratings as (select * from {{ ref("current_ratings") }}),

    customer_figures as (
        select count(*) as customers, count(*) filter (where is_held_out) as customers_held_out from customers
    ),

    -- Averages are taken over decimals: sums of floats differ in the last digit from one thread count to the next.
    list_figures as (
        select
            count(*) as recommendations,
            count(distinct customer_id) as customers_with_recommendations,
            cast(sum(cast(confidence as decimal(18, 15))) as double) / count(*) as avg_confidence,
            cast(sum(cast(support as decimal(18, 15))) as double) / count(*) as avg_support,
            count(*) filter (where source = 'association') as rule_places,
            count(rating) as recommendations_rated,
            count(*) filter (where rating in ('High', 'Medium')) as recommendations_rated_high_or_medium
        from final_recommendations
    ),

    full_lists as (
        select count(*) as customers_with_full_list
        from
            (
                select customer_id
                from final_recommendations
                group by customer_id
                having count(*) = {{ var("recommendations_per_customer") }}
            ) as customers_with_all_places
    ),

    -- Over every known rating, not only over those still shown: feedback takes the Low ones off the lists, so the
    -- lists alone would always look well rated.
    rating_figures as (
        select count(*) as rated, count(*) filter (where rating in ('High', 'Medium')) as rated_high_or_medium
        from current_ratings
    ),

    figures as (
        select
            cast(customers as double) as customers,
            cast(customers_with_recommendations as double) as customers_with_recommendations,
            cast(customers_with_full_list as double) as customers_with_full_list,
            cast(customers_held_out as double) as customers_held_out,
            -- Of those who are to be shown a list.
            customers_with_recommendations / nullif(customers - customers_held_out, 0) as coverage,
            cast(recommendations as double) as recommendations,
            recommendations / nullif(customers - customers_held_out, 0) as recommendations_per_customer,
            avg_confidence,
            avg_support,
            rule_places / nullif(recommendations, 0) as share_from_associations,
            cast(rated as double) as rated,
            rated_high_or_medium / nullif(rated, 0) as rated_high_or_medium_share,
            cast(recommendations_rated as double) as recommendations_rated,
            recommendations_rated_high_or_medium
            / nullif(recommendations_rated, 0) as recommendations_rated_high_or_medium_share
        from customer_figures
        cross join list_figures
        cross join full_lists
        cross join rating_figures
    )

{% for metric in [
        "customers",
        "customers_held_out",
        "customers_with_recommendations",
        "customers_with_full_list",
        "coverage",
        "recommendations",
        "recommendations_per_customer",
        "avg_confidence",
        "avg_support",
        "share_from_associations",
        "rated",
        "rated_high_or_medium_share",
        "recommendations_rated",
        "recommendations_rated_high_or_medium_share",
    ] %}
        {{ "union all" if not loop.first }} select '{{ metric }}' as metric, {{ metric }} as value from figures
{% endfor %}
