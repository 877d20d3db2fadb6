with

    rules as (select * from {{ ref("rules") }}),

    clusters as (select segment, cluster_number, cluster_id from {{ ref("cluster_profiles") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }})

select
    clusters.segment,
    clusters.cluster_id,
    products_a.product_id as product_a,
    products_b.product_id as product_b,
    rules.confidence,
    rules.support,
    rules.confidence / (rules.customers_with_b / rules.cluster_size) as lift,
    rules.customers_with_both,
    rules.customers_with_a,
    rules.customers_with_b,
    rules.cluster_size
from rules
inner join clusters using (cluster_number)
inner join products as products_a on rules.product_number_a = products_a.product_number
inner join products as products_b on rules.product_number_b = products_b.product_number
