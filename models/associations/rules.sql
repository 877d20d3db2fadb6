with

    pair_counts as (select * from {{ ref("pair_counts") }}),

    frequent_items as (select * from {{ ref("frequent_items") }}),

    directed_pairs as (
        select item_number_1 as item_number_a, item_number_2 as item_number_b, customers_with_both
        from pair_counts
        union all
        select item_number_2 as item_number_a, item_number_1 as item_number_b, customers_with_both
        from pair_counts
    )

select
    items_a.cluster_number,
    items_a.product_number as product_number_a,
    items_b.product_number as product_number_b,
    items_a.customers_with as customers_with_a,
    items_b.customers_with as customers_with_b,
    directed_pairs.customers_with_both,
    items_a.cluster_size,
    directed_pairs.customers_with_both / items_a.cluster_size as support,
    directed_pairs.customers_with_both / items_a.customers_with as confidence
from directed_pairs
inner join frequent_items as items_a on directed_pairs.item_number_a = items_a.item_number
inner join frequent_items as items_b on directed_pairs.item_number_b = items_b.item_number
