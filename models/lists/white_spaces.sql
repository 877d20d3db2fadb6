-- Departments that customers alike buy in and this one does not.
{%- set named = 10 %}

with

    customer_clusters as (select * from {{ ref("customer_clusters") }} where cluster_size >= 10),

    categories as (select distinct category_number, l2_category from {{ ref("product_numbers") }}),

    bought as (select customer_number, category_number from {{ ref("market_basket_by_category") }}),

    usual as (
        select
            customer_clusters.cluster_number,
            bought.category_number,
            {{ share_of("count(*)", "min(customer_clusters.cluster_size)") }} as share
        from customer_clusters
        inner join bought on customer_clusters.customer_number = bought.customer_number
        group by customer_clusters.cluster_number, bought.category_number
    ),

    missing as (
        select
            customer_clusters.customer_number,
            categories.l2_category,
            row_number() over (
                partition by customer_clusters.customer_number order by usual.share desc, categories.category_number
            ) as place
        from customer_clusters
        inner join usual on customer_clusters.cluster_number = usual.cluster_number
        inner join categories on usual.category_number = categories.category_number
        anti join
            bought
            on customer_clusters.customer_number = bought.customer_number
            and usual.category_number = bought.category_number
        where usual.share >= {{ var("white_space_min_share") }}
    )

select
    customer_number,
    count(*) as white_space_count,
    concat_ws(
        ', ',
        {% for place in range(1, named + 1) %}
            max(l2_category) filter (where place = {{ place }}) {{ "," if not loop.last }}
        {% endfor %}
    )
    || case when count(*) > {{ named }} then ' and ' || (count(*) - {{ named }}) || ' more' else '' end as white_space
from missing
group by customer_number
