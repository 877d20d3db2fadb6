with

    current_lists as (select * from {{ ref("final_recommendations") }}),

    previous_lists as (select * from {{ source("published", "published_recommendations") }}),

    clusters as (select customer_id, segment, cluster_id from {{ ref("customer_clusters") }}),

    clusters_then as (
        select customer_id, max(segment) as segment, max(cluster_id) as cluster_id
        from previous_lists
        group by customer_id
    ),

    -- Names of segments and numbers of clusters change without anybody moving: a cluster goes on as the one that most
    -- of its customers are in today.
    successors as (
        select
            clusters_then.segment as previous_segment,
            clusters_then.cluster_id as previous_cluster_id,
            clusters.segment,
            clusters.cluster_id,
            row_number() over (
                partition by clusters_then.segment, clusters_then.cluster_id
                order by count(*) desc, clusters.segment nulls last, clusters.cluster_id nulls last
            ) as number_by_size
        from clusters_then
        inner join clusters using (customer_id)
        group by clusters_then.segment, clusters_then.cluster_id, clusters.segment, clusters.cluster_id
    ),

    moves as (
        select
            customer_id,
            clusters_then.cluster_id is null and clusters.cluster_id is not null as has_first_basket,
            clusters_then.cluster_id is not null and clusters.cluster_id is null as lost_its_basket,
            clusters.segment <> successors.segment or clusters.cluster_id <> successors.cluster_id as has_moved
        from clusters_then
        left join clusters using (customer_id)
        left join
            successors
            on clusters_then.segment = successors.previous_segment
            and clusters_then.cluster_id = successors.previous_cluster_id
            and successors.number_by_size = 1
    ),

    compared as (
        select
            customer_id,
            recommended_product,
            coalesce(current_lists.product_name, previous_lists.product_name) as product_name,
            case
                when previous_lists.customer_id is null
                then 'new'
                when current_lists.customer_id is null
                then 'gone'
                when current_lists.rank <> previous_lists.rank
                then 'moved'
                when current_lists.score <> previous_lists.score
                then 'rescored'
            end as change,
            current_lists.triggered_by,
            previous_lists.triggered_by as previous_triggered_by,
            current_lists.source,
            previous_lists.source as previous_source,
            current_lists.rating,
            previous_lists.rating as previous_rating,
            current_lists.rank,
            previous_lists.rank as previous_rank,
            current_lists.score,
            previous_lists.score as previous_score,
            current_lists.score - previous_lists.score as score_difference,
            {{
                score(
                    "(current_lists.confidence - previous_lists.confidence)",
                    "(current_lists.support - previous_lists.support)",
                    "0",
                )
            }} as shares_difference,
            current_lists.recency - previous_lists.recency as recency_difference
        from current_lists
        full join previous_lists using (customer_id, recommended_product)
    )

select
    compared.*,
    (select max(as_of_date) from current_lists) < (select max(as_of_date) from previous_lists) as looks_back,
    -- A reason has to fit what happened: a rise is no explanation of a fall.
    change = 'new' or score_difference > 0 as rises,
    change = 'gone' or score_difference < 0 as falls,
    -- Its own score explains a new rank only if it went the same way.
    coalesce(
        change = 'moved' and (score_difference > 0) = (rank > previous_rank) or score_difference = 0, false
    ) as was_passed_by,
    change in ('new', 'gone')
    or source <> previous_source
    or triggered_by is distinct from previous_triggered_by as has_another_path,
    moves.customer_id is null as had_no_list,
    coalesce(moves.has_first_basket, false) as has_first_basket,
    coalesce(moves.lost_its_basket, false) as lost_its_basket,
    coalesce(moves.has_moved, false) as has_moved
from compared
left join moves on compared.customer_id = moves.customer_id
-- Before the first publication there is nothing that could have changed.
where change is not null and exists (select 1 from previous_lists)
