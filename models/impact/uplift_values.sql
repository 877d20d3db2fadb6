with

    as_of as (select as_of_date from {{ ref("as_of") }}),

    held_out_pairs as (
        select customer_id, product_id, unit_price, first_listed_on
        from {{ ref("held_out_pairs") }}
        where {{ counts_for_the_hold_out() }}
    ),

    shown_ledger as (select * from {{ ref("shown_ledger") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (
        select
            product_numbers.product_id,
            product_numbers.product_number,
            try_cast(products.unit_price as decimal(18, 6)) as unit_price
        from {{ ref("product_numbers") }} as product_numbers
        inner join {{ ref("stg_products") }} as products on product_numbers.product_id = products.product_id
    ),

    starts as (
        select
            (select min(first_listed_on) from held_out_pairs) as started_on,
            (select min(first_shown_on) from shown_ledger) as ledger_began_on
    ),

    -- Drawn once: those who had a list, seen or not, on the day on which the hold-out began. Who came later is in no
    -- group.
    drawn as (
        select held_out_pairs.customer_id
        from held_out_pairs
        inner join starts on held_out_pairs.first_listed_on = starts.started_on
        union
        select shown_ledger.customer_id
        from shown_ledger
        inner join
            starts
            on shown_ledger.first_shown_on <= starts.started_on
            and shown_ledger.last_shown_on >= starts.started_on
    ),

    groups as (
        select
            customers.customer_id,
            customers.customer_number,
            {{ is_held_out("customers.customer_id") }} as is_held_out,
            starts.ledger_began_on,
            starts.started_on,
            as_of.as_of_date,
            cast({{ days_between("starts.started_on", "as_of.as_of_date") }} as integer) as days
        from drawn
        inner join customers on drawn.customer_id = customers.customer_id
        cross join starts
        inner join as_of on starts.started_on < as_of.as_of_date
    ),

    -- As many days before the start as there are since. The first day is one after from_day, the last is until_day.
    periods as (
        select
            customer_id,
            customer_number,
            is_held_out,
            'before' as period,
            ledger_began_on <= started_on - days as is_in_the_ledger,
            started_on - days as from_day,
            started_on as until_day
        from groups
        union all
        select
            customer_id,
            customer_number,
            is_held_out,
            'after' as period,
            true as is_in_the_ledger,
            started_on as from_day,
            as_of_date as until_day
        from groups
    ),

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
        semi join groups on purchases.customer_number = groups.customer_number
    ),

    -- What would have stood on a list has no end: only its first day counts.
    spells as (
        select customer_id, product_id, unit_price, first_shown_on, ended_on, false as is_held_out
        from shown_ledger
        union all
        select
            customer_id,
            product_id,
            unit_price,
            first_listed_on as first_shown_on,
            cast(null as date) as ended_on,
            true as is_held_out
        from held_out_pairs
    ),

    -- Whatever stood on a list in the period, shown or held out. Before the start everybody's was shown.
    listed as (
        select
            periods.customer_number,
            products.product_number,
            periods.period,
            spells.unit_price,
            greatest(spells.first_shown_on, periods.from_day) as listed_on,
            least(
                periods.until_day, greatest(spells.first_shown_on, periods.from_day) + {{ var("adoption_window_days") }}
            ) as last_day,
            row_number() over (
                partition by periods.customer_number, products.product_number, periods.period
                order by spells.first_shown_on
            ) as place
        from periods
        inner join
            spells
            on periods.customer_id = spells.customer_id
            and (periods.is_held_out and periods.period = 'after') = spells.is_held_out
            and periods.until_day > spells.first_shown_on
            -- A product stands on the list until another publication takes it off.
            and periods.from_day < coalesce(spells.ended_on, periods.until_day)
        inner join products on spells.product_id = products.product_id
    ),

    -- Bought for the first time after it was listed.
    adopted as (
        select
            listed.customer_number,
            listed.product_number,
            listed.period,
            {{ value_of("sum(own_purchases.quantity)", "try_cast(max(listed.unit_price) as decimal(18, 6))") }} as value
        from listed
        inner join
            own_purchases
            on listed.customer_number = own_purchases.customer_number
            and listed.product_number = own_purchases.product_number
            and own_purchases.first_bought_on > listed.listed_on
            and own_purchases.first_bought_on <= own_purchases.invoice_date
            and own_purchases.invoice_date <= listed.last_day
        where listed.place = 1
        group by listed.customer_number, listed.product_number, listed.period
    ),

    listed_products as (
        select customer_number, period, count(*) as products, sum(value) as value
        from adopted
        group by customer_number, period
    ),

    everything as (
        select
            periods.customer_number,
            periods.period,
            count(
                distinct case
                    when
                        own_purchases.first_bought_on > periods.from_day
                        and own_purchases.first_bought_on <= periods.until_day
                    then own_purchases.product_number
                end
            ) as new_products,
            sum(cast(own_purchases.quantity as decimal(18, 4)) * products.unit_price) as turnover
        from periods
        inner join
            own_purchases
            on periods.customer_number = own_purchases.customer_number
            and periods.from_day < own_purchases.invoice_date
            and periods.until_day >= own_purchases.invoice_date
        inner join products on own_purchases.product_number = products.product_number
        group by periods.customer_number, periods.period
    )

select
    periods.customer_number,
    periods.is_held_out,
    periods.period,
    case
        when periods.is_in_the_ledger then least(coalesce(listed_products.products, 0), 1)
    end as bought_a_listed_product,
    case when periods.is_in_the_ledger then coalesce(listed_products.products, 0) end as listed_products_bought,
    case when periods.is_in_the_ledger then coalesce(listed_products.value, 0) end as value_of_listed_products,
    coalesce(everything.new_products, 0) as new_products,
    coalesce(everything.turnover, 0) as turnover,
    periods.from_day,
    periods.until_day
from periods
left join
    listed_products
    on periods.customer_number = listed_products.customer_number
    and periods.period = listed_products.period
left join everything on periods.customer_number = everything.customer_number and periods.period = everything.period
