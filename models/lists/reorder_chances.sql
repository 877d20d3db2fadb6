with

    reorder_columns as (select * from {{ ref("reorder_columns") }} where cut_off = 0),

    reorder_weights as (select * from {{ ref("reorder_weights") }} where part = 'weight'),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    products as (select product_number, unit_price, unit_cost from {{ ref("product_numbers") }}),

    -- Without an intercept nothing was learned, and no chance is known.
    weights as (
        select
            {% for name in ["intercept", "season"] + reorder_columns() | list %}
                max(value) filter (where name = '{{ name }}') as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from reorder_weights
    ),

    log_odds as (
        select
            reorder_columns.*,
            weights.intercept + weights.season
            {% for name in reorder_columns() %}
                + weights.{{ name }} * reorder_columns.log_{{ name }}
            {% endfor %} as log_odds
        from reorder_columns
        semi join
            market_basket
            on reorder_columns.customer_number = market_basket.customer_number
            and reorder_columns.product_number = market_basket.product_number
        cross join weights
    ),

    -- Rounded to what every engine's exp() agrees on.
    chances as (select *, round(1 / (1 + exp(- log_odds)), 6) as reorder_chance from log_odds),

    expected as (select *, reorder_chance * quantity_of_a_span as expected_quantity from chances)

select
    expected.customer_number,
    expected.product_number,
    expected.reorder_chance,
    expected.expected_quantity,
    {{ value_of("expected.expected_quantity", "products.unit_price") }} as expected_value,
    {{ value_of("expected.expected_quantity", "(products.unit_price - products.unit_cost)") }} as expected_margin,
    cast(expected.halved_every_180_days as double) as decayed_purchases,
    expected.purchases,
    expected.on_last_order_days,
    expected.last_order_days,
    cast(expected.days_since_last_purchase as bigint) as days_since_last_purchase
from expected
inner join products on expected.product_number = products.product_number
