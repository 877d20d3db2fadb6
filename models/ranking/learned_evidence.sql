-- The nearest group of customers in which enough of those who bought the customer's own product bought the candidate,
-- too.
-- Each step counts only what the nearer ones left open: among all customers a pair has thousands of buyers.
with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    learned_strengths as (select * from {{ ref("learned_strengths") }}),

    -- What was returned in full leads to nothing.
    open_0 as (
        select learned_strengths.customer_number, learned_strengths.product_number, learned_strengths.trigger_number
        from learned_strengths
        semi join
            market_basket
            on learned_strengths.customer_number = market_basket.customer_number
            and learned_strengths.trigger_number = market_basket.product_number
    ),

    {% for step in [1, 2, 3] %}
        {% set open = "open_" ~ (step - 1) %}
        asked_{{ step }} as (
            select {{ open }}.*, comparison_groups.group_number, comparison_groups.group_customers
            from {{ open }}
            inner join
                comparison_groups
                on {{ open }}.customer_number = comparison_groups.customer_number
                and comparison_groups.ladder_step = {{ step }}
        ),

        trigger_buyers_{{ step }} as (
            select comparison_groups.group_number, comparison_groups.customer_number, asked.trigger_number
            from (select distinct group_number, trigger_number from asked_{{ step }}) as asked
            inner join comparison_groups on asked.group_number = comparison_groups.group_number
            inner join
                market_basket
                on comparison_groups.customer_number = market_basket.customer_number
                and asked.trigger_number = market_basket.product_number
        ),

        trigger_counts_{{ step }} as (
            select group_number, trigger_number, count(*) as customers_with_a
            from trigger_buyers_{{ step }}
            group by group_number, trigger_number
        ),

        pair_counts_{{ step }} as (
            select asked.group_number, asked.trigger_number, asked.product_number, count(*) as customers_with_both
            from (select distinct group_number, trigger_number, product_number from asked_{{ step }}) as asked
            inner join
                trigger_buyers_{{ step }} as buyers
                on asked.group_number = buyers.group_number
                and asked.trigger_number = buyers.trigger_number
            semi join
                market_basket
                on buyers.customer_number = market_basket.customer_number
                and asked.product_number = market_basket.product_number
            group by asked.group_number, asked.trigger_number, asked.product_number
            having count(*) >= {{ var("min_rule_customers") }}
        ),

        told_{{ step }} as (
            select
                asked.customer_number,
                asked.product_number,
                asked.trigger_number,
                {{ step }} as ladder_step,
                asked.group_customers,
                trigger_counts.customers_with_a,
                pair_counts.customers_with_both
            from asked_{{ step }} as asked
            inner join
                pair_counts_{{ step }} as pair_counts
                on asked.group_number = pair_counts.group_number
                and asked.trigger_number = pair_counts.trigger_number
                and asked.product_number = pair_counts.product_number
            inner join
                trigger_counts_{{ step }} as trigger_counts
                on asked.group_number = trigger_counts.group_number
                and asked.trigger_number = trigger_counts.trigger_number
        ),

        open_{{ step }} as (
            select {{ open }}.*
            from {{ open }}
            anti join
                told_{{ step }} as told
                on {{ open }}.customer_number = told.customer_number
                and {{ open }}.product_number = told.product_number
        ),
    {% endfor %}

    told as ({% for step in [1, 2, 3] %}select * from told_{{ step }} {{ "union all" if not loop.last }} {% endfor %})

select *
from told
