with

    current_lists as (
        select
            customer_id,
            recommended_product,
            product_name,
            triggered_by,
            source,
            rating,
            rank,
            supporting_customers,
            base_customers,
            score,
            rating_multiplier,
            support,
            confidence,
            recency,
            as_of_date
        from {{ ref("final_recommendations") }}
    ),

    previous_lists as (select * from {{ source("published", "published_recommendations") }}),

    published_run as (select * from {{ source("published", "published_run") }}),

    customers as (select customer_id, segment from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    invoice_lines as (select customer_id, product_id, quantity from {{ ref("known_invoice_lines") }}),

    market_basket as (select customer_id, product_id, last_purchase_date from {{ ref("market_basket") }}),

    published_basket as (
        select customer_id, product_id, last_purchase_date from {{ source("published", "published_basket") }}
    ),

    customer_clusters as (select customer_id, segment, cluster_id from {{ ref("customer_clusters") }}),

    associations as (select segment, cluster_id, product_a, product_b from {{ ref("associations") }}),

    published_rules as (select * from {{ source("published", "published_rules") }}),

    candidates as (select customer_id, recommended_product, score from {{ ref("recommendation_candidates") }}),

    current_ratings as (select customer_id, product_id, rating, rating_multiplier from {{ ref("current_ratings") }}),

    published_ratings as (select * from {{ source("published", "published_ratings") }}),

    -- No row before the first publication: then there is nothing that could have changed.
    previous_runs as (
        select published_run.*, days.previous_as_of_date, days.as_of_date
        from published_run
        cross join
            (
                select
                    (select max(previous_lists.as_of_date) from previous_lists) as previous_as_of_date,
                    (select max(current_lists.as_of_date) from current_lists) as as_of_date
            ) as days
        where days.previous_as_of_date is not null
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
            current_lists.source,
            previous_lists.source as previous_source,
            current_lists.rating,
            previous_lists.rating as previous_rating,
            current_lists.rank,
            previous_lists.rank as previous_rank,
            current_lists.score,
            previous_lists.score as previous_score,
            current_lists.score - previous_lists.score as score_difference,
            current_lists.supporting_customers,
            current_lists.support,
            current_lists.confidence,
            current_lists.supporting_customers - previous_lists.supporting_customers as supporters_difference,
            {{
                score(
                    "(current_lists.confidence - previous_lists.confidence)",
                    "(current_lists.support - previous_lists.support)",
                    "0",
                )
            }} as shares_difference,
            current_lists.recency - previous_lists.recency as recency_difference
        from current_lists
        full join
            previous_lists
            on current_lists.customer_id = previous_lists.customer_id
            and current_lists.recommended_product = previous_lists.recommended_product
    ),

    -- What happened to the row, which a reason has to fit: a rise is no explanation of a fall.
    changed as (
        select
            *,
            change = 'new' or score_difference > 0 as rises,
            change = 'gone' or score_difference < 0 as falls,
            -- Its own score explains a new rank only if it went the same way.
            coalesce(
                change = 'moved' and (score_difference > 0) = (rank > previous_rank) or score_difference = 0, false
            ) as was_passed_by,
            change in ('new', 'gone')
            or source <> previous_source
            or triggered_by is distinct from previous_triggered_by as has_another_path
        from compared
        where change is not null
    ),

    previous_customers as (
        select
            customer_id,
            max(segment) as segment,
            max(cluster_id) as cluster_id,
            count(*) as places,
            count(*) filter (where source = 'association') as rule_places
        from previous_lists
        group by customer_id
    ),

    list_facts as (
        select
            customer_id,
            count(*) as places,
            count(*) filter (where source = 'association') as rule_places,
            min(score) as lowest_score
        from current_lists
        group by customer_id
    ),

    -- Numbers and names of groups change without anybody moving: a group goes on as the one that has most of its
    -- customers.
    segment_heirs as (
        select previous_segment, segment
        from
            (
                select
                    previous_customers.segment as previous_segment,
                    customers.segment,
                    row_number() over (
                        partition by previous_customers.segment order by count(*) desc, customers.segment
                    ) as place
                from previous_customers
                inner join customers on previous_customers.customer_id = customers.customer_id
                group by previous_customers.segment, customers.segment
            ) as counted
        where place = 1
    ),

    cluster_heirs as (
        select previous_segment, previous_cluster_id, segment, cluster_id
        from
            (
                select
                    previous_customers.segment as previous_segment,
                    previous_customers.cluster_id as previous_cluster_id,
                    customer_clusters.segment,
                    customer_clusters.cluster_id,
                    row_number() over (
                        partition by previous_customers.segment, previous_customers.cluster_id
                        order by count(*) desc, customer_clusters.segment, customer_clusters.cluster_id
                    ) as place
                from previous_customers
                inner join customer_clusters on previous_customers.customer_id = customer_clusters.customer_id
                where previous_customers.cluster_id is not null
                group by
                    previous_customers.segment,
                    previous_customers.cluster_id,
                    customer_clusters.segment,
                    customer_clusters.cluster_id
            ) as counted
        where place = 1
    ),

    last_purchases as (
        select customer_id, max(last_purchase_date) as last_purchase_date from market_basket group by customer_id
    ),

    previous_last_purchases as (
        select customer_id, max(last_purchase_date) as last_purchase_date from published_basket group by customer_id
    ),

    customer_facts as (
        select
            customers.customer_id,
            previous_customers.customer_id is null as is_new,
            previous_customers.cluster_id is null and customer_clusters.cluster_id is not null as has_first_basket,
            previous_customers.cluster_id is not null and customer_clusters.cluster_id is null as lost_its_basket,
            coalesce(customers.segment <> segment_heirs.segment, false) as moved_to_another_segment,
            coalesce(
                customer_clusters.segment <> cluster_heirs.segment
                or customer_clusters.cluster_id <> cluster_heirs.cluster_id,
                false
            ) as moved_to_another_cluster,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            previous_customers.segment as previous_segment,
            previous_customers.cluster_id as previous_cluster_id,
            list_facts.places > previous_customers.places as had_a_free_place,
            list_facts.rule_places - previous_customers.rule_places as rule_places_difference,
            list_facts.lowest_score,
            last_purchases.last_purchase_date,
            previous_last_purchases.last_purchase_date as previous_last_purchase_date
        from customers
        left join previous_customers on customers.customer_id = previous_customers.customer_id
        left join customer_clusters on customers.customer_id = customer_clusters.customer_id
        left join segment_heirs on previous_customers.segment = segment_heirs.previous_segment
        left join
            cluster_heirs
            on previous_customers.segment = cluster_heirs.previous_segment
            and previous_customers.cluster_id = cluster_heirs.previous_cluster_id
        left join list_facts on customers.customer_id = list_facts.customer_id
        left join last_purchases on customers.customer_id = last_purchases.customer_id
        left join previous_last_purchases on customers.customer_id = previous_last_purchases.customer_id
    ),

    returned as (select distinct customer_id, product_id from invoice_lines where quantity < 0),

    -- Rules are looked up for the changes that need one: there may be 40 million.
    asked_rules as (
        select distinct
            customer_facts.segment,
            customer_facts.cluster_id,
            changed.previous_triggered_by as product_a,
            changed.recommended_product as product_b
        from changed
        inner join customer_facts on changed.customer_id = customer_facts.customer_id
        where changed.has_another_path and changed.previous_triggered_by is not null
    ),

    rules_now as (
        select associations.segment, associations.cluster_id, associations.product_a, associations.product_b
        from associations
        semi join
            asked_rules
            on associations.segment = asked_rules.segment
            and associations.cluster_id = asked_rules.cluster_id
            and associations.product_a = asked_rules.product_a
            and associations.product_b = asked_rules.product_b
    ),

    asked_previous_rules as (
        select distinct
            customer_facts.previous_segment as segment,
            customer_facts.previous_cluster_id as cluster_id,
            changed.triggered_by as product_a,
            changed.recommended_product as product_b
        from changed
        inner join customer_facts on changed.customer_id = customer_facts.customer_id
        where changed.has_another_path and changed.triggered_by is not null
    ),

    rules_then as (
        select published_rules.*
        from published_rules
        semi join
            asked_previous_rules
            on published_rules.segment = asked_previous_rules.segment
            and published_rules.cluster_id = asked_previous_rules.cluster_id
            and published_rules.product_a = asked_previous_rules.product_a
            and published_rules.product_b = asked_previous_rules.product_b
    ),

    known as (
        select
            changed.*,
            previous_runs.previous_as_of_date,
            previous_runs.as_of_date,
            previous_runs.changed_parameters,
            previous_runs.changed_version,
            previous_runs.is_complete,
            customer_facts.customer_id is not null as is_a_customer,
            customer_facts.is_new as is_a_new_customer,
            customer_facts.has_first_basket,
            customer_facts.lost_its_basket,
            customer_facts.moved_to_another_segment,
            customer_facts.moved_to_another_cluster,
            customer_facts.had_a_free_place,
            customer_facts.rule_places_difference,
            customer_facts.lowest_score,
            products.product_id is not null as is_offered,
            owned.product_id is not null as is_owned,
            previously_owned.product_id is not null as was_owned,
            returned_products.product_id is not null as was_returned,
            previous_trigger.product_id is not null as previous_trigger_is_owned,
            returned_triggers.product_id is not null as previous_trigger_was_returned,
            trigger_then.product_id is not null as trigger_was_owned,
            -- What recency counts from: the purchase that leads to the product, else the last one of anything.
            case
                when changed.source = 'association'
                then trigger_now.last_purchase_date
                else customer_facts.last_purchase_date
            end as counted_purchase_date,
            case
                when changed.source = 'association'
                then trigger_then.last_purchase_date
                else customer_facts.previous_last_purchase_date
            end as counted_purchase_date_then,
            current_ratings.rating as rating_now,
            coalesce(current_ratings.rating_multiplier, 1) as multiplier,
            published_ratings.rating as rating_then,
            coalesce(published_ratings.rating_multiplier, 1) as previous_multiplier,
            rules_now.product_b is not null as previous_rule_holds,
            rules_then.product_b is not null as rule_held_then,
            changed.supporting_customers - rules_then.customers_with_both as rule_supporters_difference,
            {{
                score(
                    "(changed.confidence - rules_then.confidence)",
                    "(changed.support - rules_then.support)",
                    "0",
                )
            }} as rule_shares_difference,
            candidates.score * coalesce(current_ratings.rating_multiplier, 1) as own_score,
            case
                changed.source
                when 'segment_popularity'
                then 'customers of the segment'
                when 'overall_popularity'
                then 'customers'
                else 'similar customers'
            end as compared_customers
        from changed
        cross join previous_runs
        left join customer_facts on changed.customer_id = customer_facts.customer_id
        left join products on changed.recommended_product = products.product_id
        left join
            market_basket as owned
            on changed.customer_id = owned.customer_id
            and changed.recommended_product = owned.product_id
        left join
            published_basket as previously_owned
            on changed.customer_id = previously_owned.customer_id
            and changed.recommended_product = previously_owned.product_id
        left join
            returned as returned_products
            on changed.customer_id = returned_products.customer_id
            and changed.recommended_product = returned_products.product_id
        left join
            market_basket as trigger_now
            on changed.customer_id = trigger_now.customer_id
            and changed.triggered_by = trigger_now.product_id
        left join
            published_basket as trigger_then
            on changed.customer_id = trigger_then.customer_id
            and changed.triggered_by = trigger_then.product_id
        left join
            market_basket as previous_trigger
            on changed.customer_id = previous_trigger.customer_id
            and changed.previous_triggered_by = previous_trigger.product_id
        left join
            returned as returned_triggers
            on changed.customer_id = returned_triggers.customer_id
            and changed.previous_triggered_by = returned_triggers.product_id
        left join
            current_ratings
            on changed.customer_id = current_ratings.customer_id
            and changed.recommended_product = current_ratings.product_id
        left join
            published_ratings
            on changed.customer_id = published_ratings.customer_id
            and changed.recommended_product = published_ratings.product_id
        left join
            rules_now
            on customer_facts.segment = rules_now.segment
            and customer_facts.cluster_id = rules_now.cluster_id
            and changed.previous_triggered_by = rules_now.product_a
            and changed.recommended_product = rules_now.product_b
        left join
            rules_then
            on customer_facts.previous_segment = rules_then.segment
            and customer_facts.previous_cluster_id = rules_then.cluster_id
            and changed.triggered_by = rules_then.product_a
            and changed.recommended_product = rules_then.product_b
        left join
            candidates
            on changed.customer_id = candidates.customer_id
            and changed.recommended_product = candidates.recommended_product
    ),

    -- The first reason that applies, from the customer's own doings to what merely shifts around it. Every one is
    -- looked
    -- up: a reason that nothing proves is not given, however likely it is.
    explained as (
        select
            *,
            case
                when not is_a_customer
                then 'the customer is no longer a customer'
                when change = 'gone' and is_owned
                then 'the customer has bought it'
                when change = 'gone' and not is_offered
                then 'the product is no longer offered'
                when change = 'gone' and not {{ may_be_shown("recommended_product") }}
                then 'never_recommend lists it'
                when is_a_new_customer
                then 'the customer is new'
                when not is_complete
                then 'the lists before were made by an earlier version'
                when as_of_date < previous_as_of_date
                then 'the lists are made for an earlier day'
                when was_passed_by
                then 'products around it changed'
                -- What the customer bought and returned.
                when change = 'new' and was_owned and was_returned
                then 'the customer has returned it'
                when change = 'new' and was_owned
                then 'its purchase is no longer in the data'
                when rises and triggered_by is not null and not trigger_was_owned
                then
                    case
                        when counted_purchase_date > previous_as_of_date
                        then 'a new purchase leads to it'
                        else 'a purchase that was not known before leads to it'
                    end
                when rises and triggered_by is not null and counted_purchase_date > counted_purchase_date_then
                then 'the purchase that leads to it was repeated'
                when falls and previous_triggered_by is not null and not previous_trigger_is_owned
                then
                    case
                        when previous_trigger_was_returned
                        then 'the purchase that led to it was returned'
                        else 'the purchase that led to it is no longer in the data'
                    end
                when has_another_path and has_first_basket
                then 'the customer has a basket now and had none'
                when has_another_path and lost_its_basket
                then 'the customer has no basket any more'
                when
                    change in ('moved', 'rescored')
                    and rises
                    and triggered_by is null
                    and recency_difference > 0
                    and counted_purchase_date > counted_purchase_date_then
                then 'the customer has bought again'
                -- What was rated.
                when
                    rating_now is distinct from rating_then
                    and (rises and multiplier > previous_multiplier or falls and multiplier < previous_multiplier)
                then coalesce('it was rated ' || rating_now, 'its rating was withdrawn')
                -- Whom the customer is compared with.
                when (has_another_path or shares_difference <> 0) and moved_to_another_segment
                then 'the customer moved to another segment'
                when (has_another_path or shares_difference <> 0) and moved_to_another_cluster
                then 'the customer moved to another cluster'
                -- How it is computed.
                when
                    change in ('moved', 'rescored')
                    and changed_parameters is not null
                    and contains(changed_parameters, '_weight was')
                then 'the weights of the score changed'
                when
                    changed_parameters is not null
                    and (has_another_path or shares_difference <> 0 or multiplier <> previous_multiplier)
                then 'the parameters changed'
                when
                    changed_version is not null
                    and (has_another_path or shares_difference <> 0 or multiplier <> previous_multiplier)
                then 'another version made the lists'
                -- What other customers bought.
                when falls and has_another_path and previous_source = 'association' and not previous_rule_holds
                then 'the rule that led to it no longer holds'
                when rises and has_another_path and source = 'association' and not rule_held_then
                then 'a new rule leads to it'
                when change = 'new' and rule_shares_difference > 0
                then
                    case
                        when rule_supporters_difference > 0
                        then 'more or fewer similar customers bought it'
                        else 'there are more or fewer similar customers'
                    end
                when change = 'gone' and rating_now is not null and own_score < {{ var("min_final_score") }}
                then 'with its rating its score fell below the minimum'
                when change = 'gone' and previous_source <> 'association' and rule_places_difference > 0
                then 'more rules fill the list'
                when
                    change = 'gone'
                    and (own_score < lowest_score or own_score is null and previous_source = 'association')
                then 'other products score higher'
                when change = 'gone'
                then 'other products took its place'
                when change = 'new' and source <> 'association' and rule_places_difference < 0
                then 'fewer rules fill the list'
                when change = 'new' and had_a_free_place
                then 'a place in the list was free'
                when change = 'new'
                then 'another product left the list'
                when source = 'association' and previous_source = 'association' and has_another_path
                then 'another rule leads to it'
                when source = 'association' and has_another_path
                then 'a rule leads to it now'
                when previous_source = 'association' and has_another_path
                then 'no rule leads to it any more'
                when has_another_path
                then 'it is popular among other customers'
                when rises and shares_difference > 0 or falls and shares_difference < 0
                then
                    case
                        when rises and supporters_difference > 0 or falls and supporters_difference < 0
                        then 'more or fewer ' || compared_customers || ' bought it'
                        else 'there are more or fewer ' || compared_customers
                    end
                -- Time.
                when falls and recency_difference < 0 and counted_purchase_date >= counted_purchase_date_then
                then 'time passed since the last purchase'
                when falls and recency_difference < 0
                then 'the last purchase was returned or is no longer in the data'
                else 'the score is computed in another way'
            end as why
        from known
    )

select
    '{{ invocation_id }}' as run_id,
    previous_runs.run_id as previous_run_id,
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
