with

    current_lists as (select * from {{ ref("final_recommendations") }}),

    previous_lists as (select * from {{ source("published", "published_recommendations") }}),

    customers as (select customer_id from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }} where {{ may_be_shown("product_id") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    current_ratings as (select * from {{ ref("current_ratings") }}),

    -- No row before the first publication: then there is nothing that could have changed.
    previous_runs as (
        select any_value(run_id) as previous_run_id, any_value(as_of_date) as previous_as_of_date
        from previous_lists
        having count(*) > 0
    ),

    compared as (
        select
            coalesce(current_lists.customer_id, previous_lists.customer_id) as customer_id,
            coalesce(current_lists.recommended_product, previous_lists.recommended_product) as recommended_product,
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
            current_lists.rating,
            previous_lists.rating as previous_rating,
            current_lists.rank,
            previous_lists.rank as previous_rank,
            current_lists.score,
            previous_lists.score as previous_score,
            current_lists.score - previous_lists.score as score_difference,
            current_lists.source is distinct from previous_lists.source as has_another_source,
            (current_lists.confidence, current_lists.support)
            is distinct from (previous_lists.confidence, previous_lists.support) as has_other_shares,
            current_lists.recency - previous_lists.recency as recency_difference
        from current_lists
        full join
            previous_lists
            on current_lists.customer_id = previous_lists.customer_id
            and current_lists.recommended_product = previous_lists.recommended_product
    ),

    -- The first reason that applies, from the customer's own doings to what merely shifts around it.
    explained as (
        select
            compared.*,
            case
                when compared.change = 'gone' and customers.customer_id is null
                then 'the customer is no longer a customer'
                when compared.change = 'gone' and owned.customer_id is not null
                then 'the customer has bought it'
                when compared.change = 'gone' and products.product_id is null
                then 'the product is no longer offered'
                when compared.change = 'gone' and current_ratings.rating = 'Low'
                then 'it was rated Low'
                when compared.change = 'gone'
                then 'other products score higher'
                when compared.change = 'new' and compared.rating = 'High'
                then 'it was rated High'
                when compared.change <> 'new' and compared.rating is distinct from compared.previous_rating
                then coalesce('it was rated ' || compared.rating, 'its rating was withdrawn')
                when triggers.first_purchase_date > previous_runs.previous_as_of_date
                then 'a new purchase leads to it'
                when triggers.last_purchase_date > previous_runs.previous_as_of_date
                then 'the purchase that leads to it was repeated'
                when compared.change = 'new'
                then 'its score rose, or others left the list'
                when
                    compared.has_another_source or compared.triggered_by is distinct from compared.previous_triggered_by
                then 'another rule leads to it'
                when compared.has_other_shares
                then 'more or fewer similar customers bought it'
                when compared.recency_difference <> 0
                then 'time passed since the last purchase'
                when compared.score_difference <> 0
                then 'the weights of the score changed'
                else 'products around it changed'
            end as why
        from compared
        cross join previous_runs
        left join customers on compared.customer_id = customers.customer_id
        left join products on compared.recommended_product = products.product_id
        left join
            market_basket as owned
            on compared.customer_id = owned.customer_id
            and compared.recommended_product = owned.product_id
        left join
            market_basket as triggers
            on compared.customer_id = triggers.customer_id
            and compared.triggered_by = triggers.product_id
        left join
            current_ratings
            on compared.customer_id = current_ratings.customer_id
            and compared.recommended_product = current_ratings.product_id
        where compared.change is not null
    )

select
    '{{ invocation_id }}' as run_id,
    previous_runs.previous_run_id,
    explained.customer_id,
    explained.recommended_product,
    explained.product_name,
    explained.change,
    explained.why,
    explained.triggered_by,
    explained.previous_triggered_by,
    explained.rating,
    explained.previous_rating,
    explained.rank,
    explained.previous_rank,
    explained.score,
    explained.previous_score,
    explained.score_difference
from explained
cross join previous_runs
