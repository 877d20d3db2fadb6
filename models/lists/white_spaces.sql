-- Departments that customers alike buy in and this one does not. Where nothing may be shown there is nothing to sell.
{%- set min_share, named = 0.5, 10 %}

with

    customer_clusters as (select * from {{ ref("customer_clusters") }} where cluster_size >= 10),

    products as (
        select product_number, category_number, l2_category from {{ ref("product_numbers") }} where may_be_shown
    ),

    categories as (
        select category_number, l2_category, count(*) as products from products group by category_number, l2_category
    ),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    hidden as (
        select excluded_pairs.customer_number, categories.category_number
        from excluded_pairs
        inner join products using (product_number)
        inner join categories using (category_number)
        group by excluded_pairs.customer_number, categories.category_number
        having count(*) = min(categories.products)
    ),

    bought as (select customer_number, category_number from {{ ref("market_basket_by_category") }}),

    usual as (
        select
            customer_clusters.cluster_number,
            bought.category_number,
            {{ share_of("count(*)", "min(customer_clusters.cluster_size)") }} as share
        from customer_clusters
        inner join bought using (customer_number)
        group by customer_clusters.cluster_number, bought.category_number
    ),

    missing as (
        select
            customer_clusters.customer_number,
            categories.l2_category,
            row_number() over (
                partition by customer_clusters.customer_number order by usual.share desc, categories.category_number
            ) as number
        from customer_clusters
        inner join usual using (cluster_number)
        inner join categories using (category_number)
        anti join bought using (customer_number, category_number)
        anti join hidden using (customer_number, category_number)
        where usual.share >= {{ min_share }}
    )

select
    customer_number,
    count(*) as white_space_count,
    concat_ws(
        ', ',
        {% for number in range(1, named + 1) %}
            max(l2_category) filter (where number = {{ number }}) {{ "," if not loop.last }}
        {% endfor %}
    )
    || case when count(*) > {{ named }} then ' and ' || (count(*) - {{ named }}) || ' more' else '' end as white_space
from missing
group by customer_number
