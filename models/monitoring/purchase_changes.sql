with

    list_changes as (
        select customer_id, recommended_product, triggered_by, previous_triggered_by from {{ ref("list_changes") }}
    ),

    market_basket as (select customer_id, product_id, last_purchase_date from {{ ref("market_basket") }}),

    published_basket as (
        select customer_id, product_id, last_purchase_date from {{ source("published", "published_basket") }}
    ),

    invoice_lines as (select customer_id, product_id, quantity, invoice_date from {{ ref("stg_invoice_lines") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    returned as (
        select distinct invoice_lines.customer_id, invoice_lines.product_id
        from invoice_lines
        inner join as_of on invoice_lines.invoice_date <= as_of.as_of_date
        where invoice_lines.quantity < 0
    )

select
    list_changes.customer_id,
    list_changes.recommended_product,
    owned.product_id is not null as is_owned,
    owned_then.product_id is not null as was_owned,
    returned.product_id is not null as was_returned,
    trigger_then.product_id is not null as trigger_was_owned,
    trigger_now.last_purchase_date as trigger_purchase_date,
    trigger_then.last_purchase_date as previous_trigger_purchase_date,
    previous_trigger.product_id is not null as previous_trigger_is_owned,
    returned_triggers.product_id is not null as previous_trigger_was_returned
from list_changes
left join
    market_basket as owned
    on list_changes.customer_id = owned.customer_id
    and list_changes.recommended_product = owned.product_id
left join
    published_basket as owned_then
    on list_changes.customer_id = owned_then.customer_id
    and list_changes.recommended_product = owned_then.product_id
left join
    returned
    on list_changes.customer_id = returned.customer_id
    and list_changes.recommended_product = returned.product_id
left join
    market_basket as trigger_now
    on list_changes.customer_id = trigger_now.customer_id
    and list_changes.triggered_by = trigger_now.product_id
left join
    published_basket as trigger_then
    on list_changes.customer_id = trigger_then.customer_id
    and list_changes.triggered_by = trigger_then.product_id
left join
    market_basket as previous_trigger
    on list_changes.customer_id = previous_trigger.customer_id
    and list_changes.previous_triggered_by = previous_trigger.product_id
left join
    returned as returned_triggers
    on list_changes.customer_id = returned_triggers.customer_id
    and list_changes.previous_triggered_by = returned_triggers.product_id
