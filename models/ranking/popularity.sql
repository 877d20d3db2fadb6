-- Every comparison group as a list: how many of its customers bought each product.
with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    products as (select * from {{ ref("product_numbers") }} where may_be_shown),

    -- Counted once: every customer of a cluster is in the same segment, and among everyone.
    cluster_buyers as (
        select comparison_groups.cluster_number, market_basket.product_number, count(*) as buyers
        from market_basket
        inner join comparison_groups using (customer_number)
        where comparison_groups.group_step = 1
        group by comparison_groups.cluster_number, market_basket.product_number
    ),

    groups as (select distinct group_step, group_number, group_customers from comparison_groups),

    groups_of_clusters as (select distinct cluster_number, group_number from comparison_groups),

    counted as (
        select groups_of_clusters.group_number, cluster_buyers.product_number, cluster_buyers.buyers
        from cluster_buyers
        inner join groups_of_clusters using (cluster_number)
        union all
        -- The last step holds the whole catalogue, products that nobody bought yet at its end, so that everybody who
        -- does not own nearly everything gets a full list.
        select groups.group_number, products.product_number, 0 as buyers
        from groups
        cross join products
        where groups.group_step = 3
    ),

    added_up as (
        select group_number, product_number, cast(sum(buyers) as bigint) as buyers
        from counted
        group by group_number, product_number
    ),

    positioned_in_aisles as (
        select
            added_up.*,
            {{ position_in_aisle("added_up.group_number", "added_up.buyers desc, added_up.product_number") }}
            as position_in_aisle
        from added_up
        inner join products using (product_number)
    )

select
    positioned_in_aisles.group_number,
    positioned_in_aisles.product_number,
    groups.group_step,
    positioned_in_aisles.buyers,
    groups.group_customers,
    positioned_in_aisles.position_in_aisle,
    -- Positions in a list that the products up to this one would take: of an aisle only as many as a list may hold.
    count(*) filter (where positioned_in_aisles.position_in_aisle <= {{ positions_in_aisle() }}) over (
        partition by positioned_in_aisles.group_number
        order by positioned_in_aisles.buyers desc, positioned_in_aisles.product_number
        rows between unbounded preceding and current row
    ) as position,
    {{ share_of("positioned_in_aisles.buyers", "groups.group_customers") }} as share
from positioned_in_aisles
inner join groups using (group_number)
