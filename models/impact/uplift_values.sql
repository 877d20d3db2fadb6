with

    as_of as (select as_of_date from {{ ref("as_of") }}),

    held_out_pairs as (select * from {{ ref("held_out_pairs") }} where {{ counts_for_the_hold_out() }}),

    shown_ledger as (select * from {{ ref("shown_ledger") }}),

    customers as (select customer_id, customer_number, is_held_out from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number, unit_price from {{ ref("product_numbers") }}),

    starts as (select min(first_listed_on) as started_on from held_out_pairs),

    -- As many days before the start as there are since. The first day is one after from_day, the last is until_day.
    periods as (
        select 'after' as period, starts.started_on as from_day, as_of.as_of_date as until_day
        from starts
        inner join as_of on starts.started_on < as_of.as_of_date
        union all
        select
            'before' as period,
            starts.started_on
            - cast({{ days_between("starts.started_on", "as_of.as_of_date") }} as integer) as from_day,
            starts.started_on as until_day
        from starts
        inner join as_of on starts.started_on < as_of.as_of_date
    ),

    -- What would have stood on a list has no end: only its first day counts.
    spells as (
        select customer_id, product_id, unit_price, first_shown_on, last_shown_on, ended_on, false as is_held_out
        from shown_ledger
        union all
        select customer_id, product_id, unit_price, first_listed_on, first_listed_on, cast(null as date), true
        from held_out_pairs
    ),

    -- Who had a list, seen or not, on the day on which the hold-out began. Who came later is in no group.
    drawn as (
        select spells.customer_id
        from spells
        inner join starts on starts.started_on between spells.first_shown_on and spells.last_shown_on
    ),

    groups as (
        select customers.*, periods.*, periods.period = 'after' or ledger.began_on <= periods.from_day as has_lists
        from customers
        semi join drawn using (customer_id)
        cross join periods
        cross join (select min(first_shown_on) as began_on from shown_ledger) as ledger
    ),

    -- Whatever stood on a list in the period, shown or held out. Before the start everybody's was shown.
    listed as (
        select
            groups.customer_number,
            products.product_number,
            groups.period,
            spells.unit_price,
            greatest(spells.first_shown_on, groups.from_day) as listed_on,
            row_number() over (
                partition by groups.customer_number, products.product_number, groups.period
                order by spells.first_shown_on
            ) as number
        from groups
        inner join spells using (customer_id)
        inner join products using (product_id)
        where
            (groups.is_held_out and groups.period = 'after') = spells.is_held_out
            and spells.first_shown_on < groups.until_day
            -- A product stands on the list until another publication takes it off.
            and groups.from_day < coalesce(spells.ended_on, groups.until_day)
    ),

    first_listed as (select * from listed where number = 1),

    own_purchases as (
        select
            purchases.customer_number,
            purchases.product_number,
            purchases.invoice_date,
            purchases.quantity,
            min(case when purchases.quantity > 0 then purchases.invoice_date end) over (
                partition by purchases.customer_number, purchases.product_number
            ) as first_bought_on
        from {{ ref("purchases") }} as purchases
        semi join groups using (customer_number)
    ),

    -- Of what was listed counts what was bought for the first time after that, in its window.
    bought as (
        select
            groups.customer_number,
            groups.period,
            own_purchases.product_number,
            max(case when own_purchases.invoice_date = own_purchases.first_bought_on then 1 end) as is_new,
            sum(own_purchases.quantity) as quantity,
            sum(own_purchases.quantity) filter (
                where
                    own_purchases.first_bought_on > first_listed.listed_on
                    and own_purchases.first_bought_on <= own_purchases.invoice_date
                    and own_purchases.invoice_date <= first_listed.listed_on + {{ var("adoption_window_days") }}
            ) as listed_quantity,
            try_cast(max(first_listed.unit_price) as decimal(18, 6)) as listed_price
        from groups
        inner join own_purchases using (customer_number)
        left join first_listed using (customer_number, period, product_number)
        where own_purchases.invoice_date > groups.from_day and own_purchases.invoice_date <= groups.until_day
        group by groups.customer_number, groups.period, own_purchases.product_number
    ),

    outcomes as (
        select
            bought.customer_number,
            bought.period,
            count(bought.listed_quantity) as listed_products,
            sum({{ value_of("bought.listed_quantity", "bought.listed_price") }}) as listed_value,
            count(bought.is_new) as new_products,
            sum(cast(bought.quantity as decimal(18, 4)) * products.unit_price) as turnover
        from bought
        inner join products using (product_number)
        group by bought.customer_number, bought.period
    )

select
    groups.is_held_out,
    groups.customer_number,
    groups.period,
    case when groups.has_lists then least(coalesce(outcomes.listed_products, 0), 1) end as bought_a_listed_product,
    case when groups.has_lists then coalesce(outcomes.listed_products, 0) end as listed_products_bought,
    case when groups.has_lists then coalesce(outcomes.listed_value, 0) end as value_of_listed_products,
    coalesce(outcomes.new_products, 0) as new_products,
    coalesce(outcomes.turnover, 0) as turnover,
    groups.from_day,
    groups.until_day
from groups
left join outcomes using (customer_number, period)
