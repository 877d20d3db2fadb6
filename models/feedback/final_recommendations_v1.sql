with

    final_places as (select * from {{ ref("final_places") }}),

    suggested_quantities as (select * from {{ ref("suggested_quantities") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    products as (select * from {{ ref("stg_products") }}),

    as_of as (select * from {{ ref("as_of") }}),

    last_purchases as (
        select customer_id, min(days_since_last_purchase) as days_since_last_purchase
        from market_basket
        group by customer_id
    ),

    described as (
        select
            final_places.*,
            customers.customer_name,
            customers.segment,
            customers.region || ' ' || customers.end_use as segment_words,
            customer_clusters.cluster_id,
            products.product_name,
            -- Two products of one name (sizes, successors) would read "X → X": then, and only then, with their ids.
            case
                when products.product_name = trigger_products.product_name
                then products.product_name || ' (' || products.product_id || ')'
                else products.product_name
            end as spoken_name,
            case
                when products.product_name = trigger_products.product_name
                then trigger_products.product_name || ' (' || trigger_products.product_id || ')'
                else trigger_products.product_name
            end as trigger_name,
            suggested_quantities.suggested_quantity,
            as_of.as_of_date,
            {{ days_ago("triggers.days_since_last_purchase") }} as trigger_bought,
            {{ days_ago("last_purchases.days_since_last_purchase") }} as last_bought
        from final_places
        inner join customers on final_places.customer_id = customers.customer_id
        inner join products on final_places.recommended_product = products.product_id
        left join customer_clusters on final_places.customer_id = customer_clusters.customer_id
        left join products as trigger_products on final_places.triggered_by = trigger_products.product_id
        left join
            market_basket as triggers
            on final_places.customer_id = triggers.customer_id
            and final_places.triggered_by = triggers.product_id
        left join last_purchases on final_places.customer_id = last_purchases.customer_id
        left join
            suggested_quantities
            on customers.segment = suggested_quantities.segment
            and customer_clusters.cluster_id is not distinct from suggested_quantities.cluster_id
            and final_places.recommended_product = suggested_quantities.product_id
        cross join as_of
    ),

    worded as (
        select
            *,
            case
                source
                when 'association'
                then
                    format(
                        '{} → {} (confidence {:.2f}, support {:.2f})', trigger_name, spoken_name, confidence, support
                    )
                else
                    format(
                        '{} {} ({} of {}, share {:.2f})',
                        case
                            when supporting_customers = 0
                            then 'Not bought by anybody yet:'
                            when source = 'cluster_popularity'
                            then 'Similar customers buy'
                            when source = 'segment_popularity'
                            then segment_words || ' customers buy'
                            when source = 'overall_popularity'
                            then 'All customers buy'
                        end,
                        spoken_name,
                        supporting_customers,
                        base_customers,
                        support
                    )
            end as reason,
            case
                when source = 'association'
                then
                    format(
                        '{} of the {} similar customers who bought {} also bought {}; this customer bought {} {}.',
                        supporting_customers,
                        base_customers,
                        trigger_name,
                        spoken_name,
                        trigger_name,
                        trigger_bought
                    )
                else
                    format(
                        '{} {} {} bought {}; {}.',
                        -- Only the end of the last step holds products without a buyer.
                        case
                            when supporting_customers > 0 then supporting_customers || ' of the' else 'Nobody of the'
                        end,
                        base_customers,
                        case
                            source
                            when 'cluster_popularity'
                            then 'similar customers'
                            when 'segment_popularity'
                            then segment_words || ' customers'
                            when 'overall_popularity'
                            then 'customers'
                        end,
                        spoken_name,
                        coalesce(
                            'this customer''s last purchase was ' || last_bought,
                            'this customer has no purchases on record yet'
                        )
                    )
            end as explanation
        from described
    )

select
    customer_id,
    customer_name,
    recommended_product,
    product_name,
    triggered_by,
    source,
    rating,
    reason,
    explanation,
    segment,
    cluster_id,
    cast(rank as integer) as rank,
    supporting_customers,
    base_customers,
    score,
    original_score,
    rating_multiplier,
    support,
    confidence,
    recency,
    suggested_quantity,
    as_of_date
from worded
