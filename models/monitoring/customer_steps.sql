with

    customers as (select customer_id, segment from {{ ref("stg_customers") }}),

    customer_clusters as (select customer_id from {{ ref("customer_clusters") }}),

    published_customers as (select customer_id, segment, cluster_id from {{ ref("published_customers") }}),

    fates as (
        select
            published_customers.segment as previous_segment,
            published_customers.cluster_id is not null as had_basket,
            customers.segment,
            customers.customer_id is not null as is_present,
            customer_clusters.customer_id is not null as has_basket
        from published_customers
        left join customers on published_customers.customer_id = customers.customer_id
        left join customer_clusters on published_customers.customer_id = customer_clusters.customer_id
    ),

    steps as (
        select
            count(*) as customers,
            count(*) filter (where is_present) as present,
            count(*) filter (where not is_present) as missing,
            count(*) filter (where segment <> previous_segment) as in_another_segment,
            count(*) filter (where had_basket) as baskets,
            count(*) filter (where had_basket and not has_basket) as baskets_lost
        from fates
    ),

    segment_losses as (
        select
            previous_segment,
            count(*) as baskets,
            count(*) filter (where not has_basket) as baskets_lost,
            count(*) filter (where not has_basket) / count(*) as loss
        from fates
        where had_basket
        group by previous_segment
    ),

    ordered_losses as (
        select
            previous_segment || ': ' || baskets_lost || ' of ' || baskets as detail,
            loss,
            row_number() over (order by loss desc, baskets_lost desc, previous_segment nulls last) as place
        from segment_losses
        -- A segment that loses this few is not looked at: the whole of it would be no jump.
        where baskets_lost >= {{ var("min_jump") }}
    ),

    largest_losses as (
        select coalesce(max(loss), 0) as largest_loss, max(detail) as largest_loss_detail
        from ordered_losses
        where place = 1
    )

select
    steps.customers,
    steps.present,
    steps.missing,
    steps.in_another_segment,
    steps.baskets,
    steps.baskets_lost,
    largest_losses.largest_loss,
    largest_losses.largest_loss_detail
from steps
cross join largest_losses
