with

    lost_pairs as (select * from {{ ref("lost_pairs") }}),

    products as (select * from {{ ref("listed_products") }}),

    customer_numbers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    described as (
        select
            lost_pairs.*,
            products.product_id,
            products.product_name,
            replacements.product_id as replaced_by,
            replacements.product_name as replaced_by_name,
            {{ spoken_name("products", "replacements") }} as spoken_name,
            {{ spoken_name("replacements", "products") }} as spoken_replacement,
            {{ days_between("lost_pairs.replaced_on", "as_of.as_of_date") }} as days_since_replaced,
            {{ value_of("lost_pairs.yearly_quantity", "products.unit_price") }} as yearly_value
        from lost_pairs
        inner join products on lost_pairs.product_number = products.product_number
        left join products as replacements on lost_pairs.replaced_by_number = replacements.product_number
        cross join as_of
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by customer_number
                order by yearly_value desc nulls last, days_since_last_purchase desc, product_number
            ) as rank
        from described
    )

select
    customers.customer_id,
    customers.customer_name,
    ranked.product_id,
    ranked.product_name,
    customers.account_manager,
    case when ranked.replaced_by is null then 'lost' else 'replaced' end as kind,
    ranked.replaced_by,
    ranked.replaced_by_name,
    {{ lost_sentence("ranked") }} as sentence,
    cast(ranked.rank as integer) as rank,
    ranked.purchases,
    ranked.days_since_last_purchase,
    ranked.usual_interval_days,
    ranked.interval_ratio,
    cast(ranked.yearly_quantity as double) as yearly_quantity,
    ranked.yearly_value,
    ranked.last_purchase_date,
    ranked.replaced_on
from ranked
inner join customer_numbers on ranked.customer_number = customer_numbers.customer_number
inner join customers on customer_numbers.customer_id = customers.customer_id
