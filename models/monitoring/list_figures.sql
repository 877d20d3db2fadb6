with

    market_basket as (select product_id from {{ ref("market_basket") }}),

    customer_clusters as (select customer_id from {{ ref("customer_clusters") }}),

    cluster_profiles as (select segment from {{ ref("cluster_profiles") }}),

    associations as (select cluster_id from {{ ref("associations") }}),

    lists as (select source from {{ ref("final_recommendations") }}),

    basket_figures as (select count(distinct product_id) as products_in_baskets from market_basket),

    customer_figures as (select count(*) as customers_with_a_basket from customer_clusters),

    cluster_figures as (select count(*) as clusters from cluster_profiles),

    rule_figures as (select count(*) as rules from associations),

    place_figures as (
        select count(*) as places, count(*) filter (where source = 'association') as places_from_rules from lists
    )

select
    basket_figures.products_in_baskets,
    customer_figures.customers_with_a_basket,
    cluster_figures.clusters,
    rule_figures.rules,
    place_figures.places,
    place_figures.places_from_rules
from basket_figures
cross join customer_figures
cross join cluster_figures
cross join rule_figures
cross join place_figures
