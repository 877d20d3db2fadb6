-- Beside every position in a learned list, and beside everything that a customer owns, stands a chance. In ten
-- groups by that chance: how often was it kept? What earlier runs found on data of this kind stays.
with

    {% if is_evaluated() %}
        customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

        products as (select product_id, product_number from {{ ref("product_numbers") }}),

        as_of as (select as_of_date from {{ ref("as_of") }}),

        later_purchases as (select * from {{ ref("later_purchases") }}),

        recommendations as (
            select customers.customer_number, products.product_number, recommendations.purchase_chance
            from {{ ref("recommendations") }} as recommendations
            inner join customers using (customer_id)
            inner join products on recommendations.recommended_product = products.product_id
            -- Nothing was found where nobody looked.
            where
                recommendations.purchase_chance is not null
                and {{ learning_horizon_days() }} <= {{ var("evaluation_days") }}
                and exists (select 1 from later_purchases)
        ),

        chances as (
            select
                'offer' as kind,
                recommendations.customer_number,
                recommendations.product_number,
                recommendations.purchase_chance as chance,
                case when later_purchases.days_after <= {{ learning_horizon_days() }} then 1 else 0 end as is_bought
            from recommendations
            left join later_purchases using (customer_number, product_number)
            union all
            select 'reorder' as kind, customer_number, product_number, reorder_chance as chance, is_bought
            from {{ ref("reorder_outcomes") }}
            where reorder_chance is not null
        ),

        numbered as (
            select *, ntile(10) over (partition by kind order by chance, customer_number, product_number) as tenth
            from chances
        ),

        tenths as (
            select
                kind,
                cast(tenth as integer) as tenth,
                {{ mean_of("chance") }} as predicted,
                sum(is_bought) / count(*) as found,
                count(*) as places,
                cast(sum(is_bought) as bigint) as bought
            from numbered
            group by kind, tenth
        ),

        found_now as (
            select
                as_of.as_of_date,
                tenths.kind,
                tenths.tenth,
                tenths.predicted,
                tenths.found,
                tenths.places,
                tenths.bought,
                abs(tenths.predicted - tenths.found)
                <= greatest(0.2 * tenths.found, 1.96 * sqrt(tenths.found * (1 - tenths.found) / tenths.places)) as holds
            from tenths
            cross join as_of
        ),
    {% endif %}
    published_run as (select changed_data from {{ source("published", "published_run") }}),

    found_before as (
        select
            published_calibration.as_of_date,
            -- Before version 3 there were offers only.
            coalesce(published_calibration.kind, 'offer') as kind,
            published_calibration.tenth,
            published_calibration.predicted,
            published_calibration.found,
            published_calibration.places,
            published_calibration.bought,
            published_calibration.holds
        from {{ source("published", "published_calibration") }} as published_calibration
        cross join published_run
        where published_run.changed_data is null
    )

select as_of_date, kind, tenth, predicted, found, places, bought, holds
from found_before
{% if is_evaluated() %}
    anti join found_now on found_before.as_of_date = found_now.as_of_date and found_before.kind = found_now.kind
    union all
    select as_of_date, kind, tenth, predicted, found, places, bought, holds
    from found_now
{% endif %}
