with

    cluster_items as (select * from {{ ref("cluster_items") }}),

    frequent_items as (select * from {{ ref("frequent_items") }}),

    items as (
        select
            cluster_items.cluster_number,
            cluster_items.cluster_size,
            cluster_items.customer_number,
            cluster_items.product_number
        from cluster_items
        inner join
            frequent_items
            on cluster_items.cluster_number = frequent_items.cluster_number
            and cluster_items.product_number = frequent_items.product_number
    )

select
    left_items.cluster_number,
    left_items.product_number as product_number_1,
    right_items.product_number as product_number_2,
    count(*) as customers_with_both
from items as left_items
inner join
    items as right_items
    on left_items.customer_number = right_items.customer_number
    and left_items.product_number < right_items.product_number
group by left_items.cluster_number, left_items.product_number, right_items.product_number
having {{ is_frequent("count(*)", "any_value(left_items.cluster_size)") }}
