-- What is named must be there: an exclude that matches nothing by a typing error would show what it is to hide.
with

    cleaned as (select {{ cleaned_columns("overrides") }} from {{ input_relation("overrides") }} as rows_read),

    overrides as (select {{ known_columns("overrides") }} from cleaned),

    customers as (
        select customer_id, counts_for, account_manager from {{ ref("judged_customers") }} where counts_for is not null
    ),

    account_managers as (
        select distinct account_manager from customers where account_manager is not null and counts_for = customer_id
    ),

    products as (
        select product_id, counts_for, l2_category, l3_category
        from {{ ref("judged_products") }}
        where counts_for is not null
    ),

    {% for categories, column in [("departments", "l2_category"), ("aisles", "l3_category")] %}
        {{ categories }} as (
            select {{ spelling_key(column) }} as spelling, min({{ column }}) as {{ column }}
            from products
            where counts_for = product_id
            group by 1
        ),
    {% endfor %}

    parsed as (
        select
            *,
            case lower(action) when 'exclude' then 'exclude' when 'pin' then 'pin' end as known_action,
            {{ parse_date("valid_from") }} as from_date,
            {{ parse_date("valid_until") }} as until_date
        from overrides
    )

select
    customers.counts_for as customer_id,
    parsed.account_manager,
    products.counts_for as product_id,
    aisles.l3_category,
    departments.l2_category,
    parsed.known_action as action,
    parsed.note,
    parsed.set_by,
    coalesce(
        {{ unusable_row_reason("overrides", "parsed") }},
        case
            when parsed.known_action is null
            then 'action is not exclude or pin'
            when
                coalesce(
                    parsed.customer_id,
                    parsed.account_manager,
                    parsed.product_id,
                    parsed.l3_category,
                    parsed.l2_category
                )
                is null
            then 'the row names no customer, account manager, product or category'
            when parsed.known_action = 'pin' and parsed.product_id is null
            then 'product_id is missing; a pin needs one'
            when parsed.customer_id is not null and customers.counts_for is null
            then 'customer_id is not among the accepted customers'
            when parsed.account_manager is not null and account_managers.account_manager is null
            then 'no accepted customer has this account_manager'
            when parsed.product_id is not null and products.counts_for is null
            then 'product_id is not among the accepted products'
            when parsed.l3_category is not null and aisles.l3_category is null
            then 'no accepted product has this l3_category'
            when parsed.l2_category is not null and departments.l2_category is null
            then 'no accepted product has this l2_category'
            when parsed.valid_from is not null and parsed.from_date is null
            then 'valid_from is not a date (YYYY-MM-DD)'
            when parsed.valid_until is not null and parsed.until_date is null
            then 'valid_until is not a date (YYYY-MM-DD)'
            when parsed.until_date < parsed.from_date
            then 'valid_until is before valid_from'
        end
    ) as rejection_reason,
    {{ row_as_json("overrides", "parsed") }} as row_values,
    parsed.row_number,
    parsed.from_date as valid_from,
    parsed.until_date as valid_until
from parsed
left join customers on parsed.customer_id = customers.customer_id
left join account_managers on parsed.account_manager = account_managers.account_manager
left join products on parsed.product_id = products.product_id
left join aisles on {{ spelling_key("parsed.l3_category") }} = aisles.spelling
left join departments on {{ spelling_key("parsed.l2_category") }} = departments.spelling
