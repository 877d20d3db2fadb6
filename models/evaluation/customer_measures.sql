{%- set positions = var("recommendations_per_customer") -%}

with

    compared_lists as (select * from {{ ref("compared_lists") }}),

    later_purchases as (select * from {{ ref("later_purchases") }} where is_new),

    -- Among all customers: how common a product is.
    popularity as (select product_number, share from {{ ref("popularity") }} where group_step = 3),

    ranks as (
        {% for rank in range(1, positions + 1) %}
            select {{ rank }} as rank, 1 / log2({{ rank }} + 1) as gain {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    -- The most that any list of so many positions could gain.
    ideals as (
        select ranks.rank as purchases, sum(better.gain) as gain
        from ranks
        inner join ranks as better on better.rank <= ranks.rank
        group by ranks.rank
    ),

    bought as (
        select customer_number, count(*) as purchases, least(count(*), {{ positions }}) as purchases_that_fit
        from later_purchases
        group by customer_number
    ),

    looked_up as (
        select
            compared_lists.method,
            compared_lists.customer_number,
            compared_lists.rank,
            popularity.share,
            case when later_purchases.product_number is null then 0 else 1 end as is_hit
        from compared_lists
        left join later_purchases using (customer_number, product_number)
        left join popularity using (product_number)
    ),

    positions as (
        select
            looked_up.*,
            ranks.gain,
            sum(looked_up.is_hit) over (
                partition by looked_up.method, looked_up.customer_number
                order by looked_up.rank
                rows between unbounded preceding and current row
            ) as hits_so_far
        from looked_up
        inner join ranks using (rank)
    ),

    lists as (
        select
            method,
            customer_number,
            sum(is_hit) as hits,
            sum(is_hit * gain) as gain,
            sum(is_hit * hits_so_far / rank) as precisions,
            sum(share) / count(*) as mean_popularity
        from positions
        group by method, customer_number
    ),

    methods as (select distinct method from compared_lists),

    -- Whoever got no list from a method counts there, too.
    everybody as (select methods.method, bought.* from methods cross join bought)

select
    everybody.method,
    everybody.customer_number,
    -- Rounded, because sums of fractions differ in the last digit from one order of adding to another.
    round(coalesce(lists.gain, 0) / ideals.gain, 9) as ndcg,
    cast(least(coalesce(lists.hits, 0), 1) as double) as hit_rate,
    coalesce(lists.hits, 0) / {{ positions }} as precision,
    coalesce(lists.hits, 0) / everybody.purchases as recall,
    coalesce(lists.precisions, 0) / everybody.purchases_that_fit as average_precision,
    lists.mean_popularity
from everybody
inner join ideals on everybody.purchases_that_fit = ideals.purchases
left join lists using (method, customer_number)
