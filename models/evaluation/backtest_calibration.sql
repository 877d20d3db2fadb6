-- Every place of a learned list has a chance beside it. In ten groups by that chance: how often was it kept?
with

    recommendations as (select * from {{ ref("recommendations") }} where purchase_chance is not null),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    later_purchases as (select * from {{ ref("later_purchases") }} where days_after <= {{ learning_horizon_days() }}),

    places as (
        select
            recommendations.purchase_chance,
            case when later_purchases.product_number is null then 0 else 1 end as is_bought,
            ntile(10) over (
                order by
                    recommendations.purchase_chance, recommendations.customer_id, recommendations.recommended_product
            ) as tenth
        from recommendations
        inner join customers using (customer_id)
        inner join products on recommendations.recommended_product = products.product_id
        left join later_purchases using (customer_number, product_number)
        -- Nothing was found where nobody looked.
        where {{ learning_horizon_days() }} <= {{ var("evaluation_days") }} and exists (select 1 from later_purchases)
    )

select
    as_of.as_of_date,
    cast(places.tenth as integer) as tenth,
    {{ mean_of("places.purchase_chance") }} as predicted,
    sum(places.is_bought) / count(*) as found,
    count(*) as places,
    cast(sum(places.is_bought) as bigint) as bought
from places
cross join as_of
group by as_of.as_of_date, places.tenth
