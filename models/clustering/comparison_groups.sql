-- Whom a customer is compared with, nearest first: its cluster, its segment, everyone. The shares of a group are of
-- those of its customers that have a basket; a customer without one has no cluster.
with

    customers as (select * from {{ ref("customer_numbers") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    steps as (
        select customer_number, 1 as group_step, cluster_number as number_in_step
        from customer_clusters
        union all
        select customer_number, 2 as group_step, segment_number as number_in_step
        from customers
        union all
        select customer_number, 3 as group_step, 1 as number_in_step
        from customers
    ),

    groups as (
        select
            group_step,
            number_in_step,
            row_number() over (order by group_step, number_in_step) as group_number,
            count(customer_clusters.customer_number) as group_customers
        from steps
        left join customer_clusters using (customer_number)
        group by group_step, number_in_step
    )

select
    steps.customer_number,
    steps.group_step,
    cast(groups.group_number as integer) as group_number,
    customer_clusters.cluster_number,
    groups.group_customers
from steps
inner join groups using (group_step, number_in_step)
left join customer_clusters using (customer_number)
