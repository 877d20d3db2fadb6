with

    final_places as (select * from {{ ref("final_places") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    invoice_lines as (select * from {{ ref("known_invoice_lines") }}),

    -- One row per group and product that somebody is shown.
    wanted as (
        select distinct customers.segment, customer_clusters.cluster_id, final_places.recommended_product as product_id
        from final_places
        inner join customers on final_places.customer_id = customers.customer_id
        left join customer_clusters on final_places.customer_id = customer_clusters.customer_id
    ),

    -- Who kept the product; who returned it all is no buyer.
    buyers as (
        select market_basket.customer_id, market_basket.product_id, market_basket.segment, customer_clusters.cluster_id
        from market_basket
        inner join customer_clusters on market_basket.customer_id = customer_clusters.customer_id
    ),

    -- The groups whose orders answer: the cluster, else the segment, else everyone, whichever has buyers first.
    answered_by_cluster as (
        select wanted.segment, wanted.cluster_id, wanted.product_id
        from wanted
        semi join
            buyers
            on wanted.segment = buyers.segment
            and wanted.cluster_id = buyers.cluster_id
            and wanted.product_id = buyers.product_id
    ),

    without_cluster_buyers as (
        select wanted.segment, wanted.product_id
        from wanted
        anti join
            answered_by_cluster
            on wanted.segment = answered_by_cluster.segment
            and wanted.cluster_id = answered_by_cluster.cluster_id
            and wanted.product_id = answered_by_cluster.product_id
    ),

    answered_by_segment as (
        select distinct without_cluster_buyers.segment, without_cluster_buyers.product_id
        from without_cluster_buyers
        semi join
            buyers
            on without_cluster_buyers.segment = buyers.segment
            and without_cluster_buyers.product_id = buyers.product_id
    ),

    answered_by_all as (
        select distinct without_cluster_buyers.product_id
        from without_cluster_buyers
        anti join
            answered_by_segment
            on without_cluster_buyers.segment = answered_by_segment.segment
            and without_cluster_buyers.product_id = answered_by_segment.product_id
    ),

    numbered_groups as (
        select *, row_number() over (order by source, segment, cluster_id, product_id) as group_number
        from
            (
                select 'cluster' as source, segment, cluster_id, product_id
                from answered_by_cluster
                union all
                select 'segment' as source, segment, cast(null as integer) as cluster_id, product_id
                from answered_by_segment
                union all
                select
                    'all' as source, cast(null as varchar) as segment, cast(null as integer) as cluster_id, product_id
                from answered_by_all
            ) as groups
    ),

    -- Nobody else's orders are looked at.
    asked_buyers as (
        {% for source, condition in [
            (
                "cluster",
                "buyers.segment = numbered_groups.segment and buyers.cluster_id = numbered_groups.cluster_id and ",
            ),
            ("segment", "buyers.segment = numbered_groups.segment and "),
            ("all", ""),
        ] %}
            {{ "union all" if not loop.first }}
            select buyers.customer_id, buyers.product_id, numbered_groups.group_number
            from buyers
            inner join
                numbered_groups
                on {{ condition }} buyers.product_id = numbered_groups.product_id
                and numbered_groups.source = '{{ source }}'
        {% endfor %}
    ),

    orders as (
        select asked_buyers.group_number, cast(sum(invoice_lines.quantity) as double) as quantity
        from invoice_lines
        inner join
            asked_buyers
            on invoice_lines.customer_id = asked_buyers.customer_id
            and invoice_lines.product_id = asked_buyers.product_id
        where invoice_lines.quantity > 0
        group by asked_buyers.group_number, invoice_lines.customer_id, invoice_lines.invoice_id
    ),

    medians as (
        select
            numbered_groups.source,
            numbered_groups.segment,
            numbered_groups.cluster_id,
            numbered_groups.product_id,
            group_medians.quantity
        from (select group_number, median(quantity) as quantity from orders group by group_number) as group_medians
        inner join numbered_groups on group_medians.group_number = numbered_groups.group_number
    )

select
    wanted.segment,
    wanted.cluster_id,
    wanted.product_id,
    cast(
        greatest(
            ceil(coalesce(cluster_medians.quantity, segment_medians.quantity, overall_medians.quantity, 1)), 1
        ) as bigint
    ) as suggested_quantity
from wanted
left join
    medians as cluster_medians
    on cluster_medians.source = 'cluster'
    and wanted.segment = cluster_medians.segment
    and wanted.cluster_id = cluster_medians.cluster_id
    and wanted.product_id = cluster_medians.product_id
left join
    medians as segment_medians
    on segment_medians.source = 'segment'
    and wanted.segment = segment_medians.segment
    and wanted.product_id = segment_medians.product_id
left join
    medians as overall_medians on overall_medians.source = 'all' and wanted.product_id = overall_medians.product_id
