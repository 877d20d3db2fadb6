-- Harm: a history that forgets a change explains the wrong list.
with

    current_lists as (select customer_id, recommended_product, rank, score from {{ ref("final_recommendations") }}),

    previous_lists as (
        select customer_id, recommended_product, rank, score from {{ source("published", "published_recommendations") }}
    ),

    changes as (select * from {{ ref("recommendation_changes") }}),

    replayed as (
        select customer_id, recommended_product, rank, score
        from previous_lists
        anti join changes using (customer_id, recommended_product)
        union all
        select customer_id, recommended_product, rank, score
        from changes
        where change <> 'gone'
    ),

    differences as (
        (
            select *
            from replayed
            except all
            select *
            from current_lists
        )
        union all
        (
            select *
            from current_lists
            except all
            select *
            from replayed
        )
    )

select *
from differences
-- Before the first publication, and after one of other data, there is nothing to replay.
where
    exists (select 1 from previous_lists)
    and not exists (select 1 from {{ source("published", "published_run") }} where changed_data is not null)
