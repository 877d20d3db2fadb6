-- The nearest group of customers in which enough of those who bought the customer's own product bought the candidate,
-- too. Only what a candidate asks for is counted: all pairs among all customers would be too many.
with

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    learned_strengths as (select * from {{ ref("learned_strengths") }}),

    asked as (
        select
            learned_strengths.customer_number,
            learned_strengths.product_number,
            learned_strengths.trigger_number,
            comparison_groups.ladder_step,
            comparison_groups.group_number,
            comparison_groups.group_customers
        from learned_strengths
        inner join comparison_groups on learned_strengths.customer_number = comparison_groups.customer_number
        -- What was returned in full leads to nothing.
        semi join
            market_basket
            on learned_strengths.customer_number = market_basket.customer_number
            and learned_strengths.trigger_number = market_basket.product_number
    ),

    trigger_buyers as (
        select comparison_groups.group_number, comparison_groups.customer_number, asked.trigger_number
        from (select distinct group_number, trigger_number from asked) as asked
        inner join comparison_groups using (group_number)
        inner join
            market_basket
            on comparison_groups.customer_number = market_basket.customer_number
            and asked.trigger_number = market_basket.product_number
    ),

    trigger_counts as (
        select group_number, trigger_number, count(*) as customers_with_a
        from trigger_buyers
        group by group_number, trigger_number
    ),

    pair_counts as (
        select asked.group_number, asked.trigger_number, asked.product_number, count(*) as customers_with_both
        from (select distinct group_number, trigger_number, product_number from asked) as asked
        inner join trigger_buyers using (group_number, trigger_number)
        semi join market_basket using (customer_number, product_number)
        group by asked.group_number, asked.trigger_number, asked.product_number
        having count(*) >= {{ var("min_rule_customers") }}
    ),

    answered as (
        select
            asked.customer_number,
            asked.product_number,
            asked.trigger_number,
            asked.ladder_step,
            asked.group_customers,
            trigger_counts.customers_with_a,
            pair_counts.customers_with_both,
            row_number() over (
                partition by asked.customer_number, asked.product_number order by asked.ladder_step
            ) as place
        from asked
        inner join pair_counts using (group_number, trigger_number, product_number)
        inner join trigger_counts using (group_number, trigger_number)
    )

select
    customer_number, product_number, trigger_number, ladder_step, group_customers, customers_with_a, customers_with_both
from answered
where place = 1
