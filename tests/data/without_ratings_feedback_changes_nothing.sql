-- Harm: feedback must touch the customers that somebody rated, and nobody else's list.
with

    rated_customers as (select distinct customer_id from {{ ref("current_ratings") }}),

    before_feedback as (
        select
            recommendations.customer_id,
            recommendations.recommended_product,
            recommendations.rank,
            recommendations.score
        from {{ ref("recommendations") }} as recommendations
        anti join rated_customers on recommendations.customer_id = rated_customers.customer_id
    ),

    after_feedback as (
        select final.customer_id, final.recommended_product, final.rank, final.score
        from {{ ref("final_recommendations") }} as final
        anti join rated_customers on final.customer_id = rated_customers.customer_id
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
