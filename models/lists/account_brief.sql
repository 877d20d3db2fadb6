-- How a customer stands, what the lists of the day hold for it, and whom an account manager calls first.
-- One in a hundred offers is bought within four weeks (DECISIONS.md): the chance of what the ranker did not learn.
{%- set chance_of_an_offer = 0.01 %}

with

    customers as (select * from {{ ref("customer_numbers") }}),

    habits as (select * from {{ ref("order_habits") }}),

    -- Of all that the customer owns, what may not be shown included: it is bought all the same.
    expected as (
        select
            customer_number,
            sum(expected_value) as expected_value,
            sum(expected_margin) as expected_margin,
            count(reorder_chance) as chances
        from {{ ref("reorder_chances") }}
        group by customer_number
    ),

    white_spaces as (select * from {{ ref("white_spaces") }}),

    as_of as (select said_on from {{ ref("as_of") }}),

    reorders as (
        select
            customer_id,
            count(*) as reorders_due,
            sum(suggested_value) as reorder_value,
            max(product_id) filter (where rank = 1) as top_reorder_product,
            max(product_name) filter (where rank = 1) as top_reorder
        from {{ ref("reorders_due") }}
        group by customer_id
    ),

    lost as (
        select
            customer_id,
            count(*) as lost_products,
            count(*) filter (where kind = 'replaced') as replaced_products,
            sum(yearly_value) as lost_value,
            max(product_id) filter (where rank = 1) as top_lost_product,
            max(product_name) filter (where rank = 1) as top_lost
        from {{ ref("lost_products") }}
        group by customer_id
    ),

    offers as (
        select
            customer_id,
            count(*) as offers,
            count(*) filter (where rating is null) as unrated,
            sum(suggested_value) as offer_value,
            -- The ranker's chance is of more days.
            sum(
                cast(
                    coalesce(
                        purchase_chance * {{ call_horizon_days() }} / {{ learning_horizon_days() }},
                        {{ chance_of_an_offer }}
                    ) as decimal(18, 9)
                )
                * suggested_value
            ) as offers_value,
            max(recommended_product) filter (where rank = 1) as top_offer_product,
            max(product_name) filter (where rank = 1) as top_offer
        from {{ ref("final_recommendations") }}
        group by customer_id
    ),

    -- Of what there is none there are 0. What has no price adds nothing.
    described as (
        select
            customers.customer_id,
            customers.customer_name,
            customers.account_manager,
            customers.city,
            coalesce(habits.order_state, 'never ordered') as order_state,
            reorders.top_reorder_product,
            reorders.top_reorder,
            offers.top_offer_product,
            offers.top_offer,
            lost.top_lost_product,
            lost.top_lost,
            coalesce(reorders.reorders_due, 0) as reorders_due,
            coalesce({{ money("reorders.reorder_value") }}, 0) as reorder_value,
            coalesce(offers.offers, 0) as offers,
            coalesce({{ money("offers.offer_value") }}, 0) as offer_value,
            coalesce({{ money("offers.offers_value") }}, 0) as offers_value,
            coalesce(offers.unrated, 0) as unrated,
            coalesce(lost.lost_products, 0) as lost_products,
            coalesce(lost.replaced_products, 0) as replaced_products,
            coalesce({{ money("lost.lost_value") }}, 0) as lost_value,
            white_spaces.white_space,
            coalesce(white_spaces.white_space_count, 0) as white_space_count,
            coalesce(habits.turnover_365_days, 0) as turnover_365_days,
            coalesce(habits.usual_value, 0) as usual_value,
            -- Where no chance is known: as in the last year.
            case
                when expected.chances > 0
                then coalesce({{ money("expected.expected_value") }}, 0)
                else greatest(coalesce(habits.usual_value, 0), 0)
            end as expected_value,
            {{ money("expected.expected_margin") }} as expected_margin,
            coalesce(habits.order_days, 0) as order_days,
            habits.usual_order_interval_days,
            habits.last_order_date,
            habits.days_since_last_order
        from customers
        left join habits using (customer_number)
        left join expected using (customer_number)
        left join white_spaces using (customer_number)
        left join reorders using (customer_id)
        left join lost using (customer_id)
        left join offers using (customer_id)
    ),

    valued as (select *, greatest(usual_value - expected_value, 0) as at_risk_value from described)

select
    customer_id,
    customer_name,
    city,
    account_manager,
    cast(
        row_number() over (
            partition by account_manager order by expected_value + offers_value desc, customer_id
        ) as integer
    ) as call_rank,
    cast(
        row_number() over (partition by account_manager order by at_risk_value desc, customer_id) as integer
    ) as risk_rank,
    {{ brief_sentence() }} as sentence,
    expected_value,
    expected_margin,
    offers_value,
    usual_value,
    at_risk_value,
    order_state,
    top_reorder_product,
    top_reorder,
    reorders_due,
    reorder_value,
    top_offer_product,
    top_offer,
    offers,
    offer_value,
    unrated,
    top_lost_product,
    top_lost,
    lost_products,
    replaced_products,
    lost_value,
    white_space,
    white_space_count,
    turnover_365_days,
    order_days,
    usual_order_interval_days,
    last_order_date,
    days_since_last_order
from valued
cross join as_of
