{#-
  The popularity ladder: what can fill the places that ranked candidates may leave empty, on the highest step that has it.

  Argument: ranked (relation; grain: customer_number, product_number). Gives customer_number, product_number, ladder_step,
  supporting_customers, base_customers, score, support, confidence, recency.
-#}
{% macro popularity_ladder(ranked) %}
    {%- set places, per_aisle = var("recommendations_per_customer"), var("max_per_l3_category") -%}

    with

        customers as (select customer_number from {{ ref("customer_numbers") }}),

        market_basket as (select * from {{ ref("market_basket") }}),

        comparison_groups as (select * from {{ ref("comparison_groups") }}),

        ranked_candidates as (select * from {{ ranked }}),

        popularity as ({{ popular_products() }}),

        ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

        excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

        excluded_counts as (select customer_number, count(*) as products from excluded_pairs group by customer_number),

        rated_counts as (select customer_number, count(*) as products from ratings group by customer_number),

        baskets as (
            select customer_number, count(*) as products, {{ recency("min(days_since_last_purchase)") }} as recency
            from market_basket
            group by customer_number
        ),

        -- A rated candidate may be dropped, an unrated one never: only these fill a place for certain.
        certain_places as (
            select ranked_candidates.customer_number, count(*) as products
            from ranked_candidates
            anti join
                ratings
                on ranked_candidates.customer_number = ratings.customer_number
                and ranked_candidates.product_number = ratings.product_number
            group by ranked_candidates.customer_number
        ),

        -- How far down a list the last product that can be shown may stand: before it come at most the owned, the
        -- excluded, the rated (taken in full below), those that are ranked or shown by a higher step already, and the
        -- shown ones themselves.
        customers_to_fill as (
            select
                customers.customer_number,
                coalesce(baskets.recency, 0) as recency,
                coalesce(baskets.products, 0)
                + coalesce(rated_counts.products, 0)
                + coalesce(excluded_counts.products, 0)
                + 3 * {{ places }} as reach
            from customers
            left join baskets on customers.customer_number = baskets.customer_number
            left join rated_counts on customers.customer_number = rated_counts.customer_number
            left join excluded_counts on customers.customer_number = excluded_counts.customer_number
            left join certain_places on customers.customer_number = certain_places.customer_number
            where coalesce(certain_places.products, 0) < {{ places }}
        ),

        matches as (
            select
                customers_to_fill.customer_number,
                customers_to_fill.recency,
                popularity.*,
                row_number() over (
                    partition by customers_to_fill.customer_number, popularity.product_number
                    order by popularity.ladder_step
                ) as place
            from customers_to_fill
            inner join comparison_groups on customers_to_fill.customer_number = comparison_groups.customer_number
            inner join popularity on comparison_groups.group_number = popularity.group_number
            left join
                ratings
                on customers_to_fill.customer_number = ratings.customer_number
                and popularity.product_number = ratings.product_number
            anti join
                market_basket
                on customers_to_fill.customer_number = market_basket.customer_number
                and popularity.product_number = market_basket.product_number
            -- What is ranked is no popular product any more, even when its rating drops it.
            anti join
                ranked_candidates
                on customers_to_fill.customer_number = ranked_candidates.customer_number
                and popularity.product_number = ranked_candidates.product_number
            anti join
                excluded_pairs
                on customers_to_fill.customer_number = excluded_pairs.customer_number
                and popularity.product_number = excluded_pairs.product_number
            where
                popularity.position <= customers_to_fill.reach
                {% if per_aisle %}
                    -- Before it in its aisle: the products that may be shown, and those that cannot.
                    and popularity.place_in_aisle <= customers_to_fill.reach + {{ per_aisle }}
                {% endif %}
                or ratings.product_number is not null
        )

    select
        customer_number,
        product_number,
        ladder_step,
        buyers as supporting_customers,
        group_customers as base_customers,
        {{ score("share", "share", "recency") }} as score,
        share as support,
        share as confidence,
        recency
    from matches
    where place = 1
{% endmacro %}

{#-
  The lists of the ladder. With a limit per aisle, position counts only the products that are among the first of their aisle: all
  others can be shown only where those are owned or rated.
-#}
{% macro popular_products() %}
    {% set per_aisle = var("max_per_l3_category") %}
    {% if per_aisle %}
        select
            ladder_step,
            group_number,
            product_number,
            buyers,
            group_customers,
            share,
            place_in_aisle,
            sum(case when place_in_aisle <= {{ per_aisle }} then 1 else 0 end) over (
                partition by group_number order by position
            ) as position
        from
            (
                select
                    popularity.*,
                    row_number() over (
                        partition by popularity.group_number, products.aisle_number order by popularity.position
                    ) as place_in_aisle
                from {{ ref("popularity") }} as popularity
                inner join
                    {{ ref("product_numbers") }} as products on popularity.product_number = products.product_number
            ) as placed
    {% else %} select * from {{ ref("popularity") }}
    {% endif %}
{% endmacro %}
