-- Harm: pair counting is the fastest and the least readable step. Here up to 100 rules are counted again, the plain
-- way:
-- which customers of the cluster have A, which have B, which have both.
with

    associations as (
        select *
        from {{ ref("associations") }}
        order by hash(segment, cluster_id, product_a, product_b), segment, cluster_id, product_a, product_b
        limit 100
    ),

    members as (
        select
            associations.segment,
            associations.cluster_id,
            associations.product_a,
            associations.product_b,
            customer_clusters.customer_id
        from associations
        inner join
            {{ ref("customer_clusters") }} as customer_clusters
            on associations.segment = customer_clusters.segment
            and associations.cluster_id = customer_clusters.cluster_id
    ),

    recounted as (
        select
            members.segment,
            members.cluster_id,
            members.product_a,
            members.product_b,
            count(*) as cluster_size,
            count(baskets_a.customer_id) as customers_with_a,
            count(baskets_b.customer_id) as customers_with_b,
            count(*) filter (
                where baskets_a.customer_id is not null and baskets_b.customer_id is not null
            ) as customers_with_both
        from members
        left join
            {{ ref("market_basket") }} as baskets_a
            on members.customer_id = baskets_a.customer_id
            and members.product_a = baskets_a.product_id
        left join
            {{ ref("market_basket") }} as baskets_b
            on members.customer_id = baskets_b.customer_id
            and members.product_b = baskets_b.product_id
        group by members.segment, members.cluster_id, members.product_a, members.product_b
    )

select recounted.*
from recounted
inner join
    associations
    on recounted.segment = associations.segment
    and recounted.cluster_id = associations.cluster_id
    and recounted.product_a = associations.product_a
    and recounted.product_b = associations.product_b
where
    recounted.cluster_size <> associations.cluster_size
    or recounted.customers_with_a <> associations.customers_with_a
    or recounted.customers_with_b <> associations.customers_with_b
    or recounted.customers_with_both <> associations.customers_with_both
