with

    pair_counts as (select * from {{ ref("pair_counts") }}),

    directed_pairs as (
        select
            cluster_number,
            product_number_1 as product_number_a,
            product_number_2 as product_number_b,
            customers_with_1 as customers_with_a,
            customers_with_2 as customers_with_b,
            customers_with_both,
            cluster_size
        from pair_counts
        union all
        select
            cluster_number,
            product_number_2 as product_number_a,
            product_number_1 as product_number_b,
            customers_with_2 as customers_with_a,
            customers_with_1 as customers_with_b,
            customers_with_both,
            cluster_size
        from pair_counts
    )

select *, customers_with_both / cluster_size as support, customers_with_both / customers_with_a as confidence
from directed_pairs
