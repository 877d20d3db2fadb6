-- Harm: feedback must touch the customers that somebody rated, and nobody else's list.
with

    rated_customers as (select distinct customer_id from {{ ref("current_ratings") }}),

    before_feedback as (
        select customer_id, recommended_product, rank, score
        from {{ ref("recommendations") }}
        anti join rated_customers using (customer_id)
    ),

    after_feedback as (
        select customer_id, recommended_product, rank, score
        from {{ ref("final_recommendations") }}
        anti join rated_customers using (customer_id)
    )

    (
        select *
        from before_feedback
        except all
        select *
        from after_feedback
    )
union all
(
    select *
    from after_feedback
    except all
    select *
    from before_feedback
)
