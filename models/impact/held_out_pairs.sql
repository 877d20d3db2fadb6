-- Appended to by every run: only the day counts on which a list would have shown the product first. What a run left
-- that was not published, no later run reads.
with

    lists as (select customer_id, recommended_product, as_of_date from {{ ref("held_out_recommendations") }}),

    products as (select product_id, unit_price from {{ ref("stg_products") }}),

    shown_ledger as (select first_shown_on, last_shown_on, ended_on from {{ ref("shown_ledger") }}),

    -- A run that looks back begins nothing here either.
    newest as (select max(greatest(last_shown_on, ended_on)) as day from shown_ledger),

    known as (
        {% if is_incremental() %}select customer_id, product_id from {{ this }} where {{ counts_for_the_hold_out() }}
        {% else %}select customer_id, recommended_product as product_id from lists limit 0
        {% endif %}
    )

select
    '{{ invocation_id }}' as run_id,
    {{ sql_literal(holdout_name()) }} as group_name,
    lists.customer_id,
    lists.recommended_product as product_id,
    products.unit_price,
    lists.as_of_date as first_listed_on
from lists
inner join products on lists.recommended_product = products.product_id
inner join newest on coalesce(lists.as_of_date >= newest.day, true)
anti join known on lists.customer_id = known.customer_id and lists.recommended_product = known.product_id
