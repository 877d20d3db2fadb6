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

select 'customers' as metric, cast(customers as double) as value
from figures
union all
select 'customers_held_out' as metric, customers_held_out as value
from figures
union all
select 'customers_with_recommendations' as metric, customers_with_recommendations as value
from figures
union all
select 'customers_with_full_list' as metric, customers_with_full_list as value
from figures
union all
select 'coverage' as metric, customers_with_recommendations / customers_to_be_served as value
from figures
union all
select 'recommendations' as metric, recommendations as value
from figures
union all
select 'recommendations_per_customer' as metric, recommendations / customers_to_be_served as value
from figures
union all
select 'avg_confidence' as metric, avg_confidence as value
from figures
union all
select 'avg_support' as metric, avg_support as value
from figures
union all
select 'share_from_associations' as metric, rule_places / nullif(recommendations, 0) as value
from figures
union all
select 'rated' as metric, rated as value
from figures
union all
select 'rated_high_or_medium_share' as metric, rated_high_or_medium / nullif(rated, 0) as value
from figures
union all
select 'recommendations_rated' as metric, recommendations_rated as value
from figures
union all
select
    'recommendations_rated_high_or_medium_share' as metric,
    recommendations_rated_high_or_medium / nullif(recommendations_rated, 0) as value
from figures
