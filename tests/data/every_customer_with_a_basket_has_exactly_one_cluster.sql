-- Harm: a customer that clustering loses takes its history out of every rule, and gets strangers' favourites.
with

    baskets as (select distinct customer_id, segment from {{ ref("market_basket") }}),

    customer_clusters as (select customer_id, segment from {{ ref("customer_clusters") }})

    (
        select customer_id, segment
        from baskets
        except all
        select customer_id, segment
        from customer_clusters
    )
union all
(
    select customer_id, segment
    from customer_clusters
    except all
    select customer_id, segment
    from baskets
)
