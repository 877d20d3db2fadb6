with

    associations as (select segment, cluster_id, product_a, product_b from {{ ref("associations") }}),

    published_rules as (select * from {{ source("published", "published_rules") }}),

    asked as (
        select
            list_changes.customer_id,
            list_changes.recommended_product,
            list_changes.triggered_by,
            list_changes.previous_triggered_by,
            list_changes.supporting_customers,
            list_changes.support,
            list_changes.confidence,
            customer_changes.segment,
            customer_changes.cluster_id,
            customer_changes.previous_segment,
            customer_changes.previous_cluster_id
        from {{ ref("list_changes") }} as list_changes
        inner join
            {{ ref("customer_changes") }} as customer_changes on list_changes.customer_id = customer_changes.customer_id
        where list_changes.has_another_path
    ),

    -- Only the rules that are asked for are joined: there may be 40 million.
    {% for found, rules, previous_group, previous_trigger in [
        ("rules_now", "associations", "", "previous_"),
        ("rules_then", "published_rules", "previous_", ""),
    ] %}
        {{ found }} as (
            select {{ rules }}.*
            from {{ rules }}
            semi join
                asked
                on {{ rules }}.segment = asked.{{ previous_group }}segment
                and {{ rules }}.cluster_id = asked.{{ previous_group }}cluster_id
                and {{ rules }}.product_a = asked.{{ previous_trigger }}triggered_by
                and {{ rules }}.product_b = asked.recommended_product
        ){{ "," if not loop.last }}
    {% endfor %}

select
    asked.customer_id,
    asked.recommended_product,
    rules_now.product_b is not null as previous_rule_holds,
    rules_then.product_b is not null as rule_held_then,
    asked.supporting_customers - rules_then.customers_with_both as rule_supporters_difference,
    {{
        score(
            "(asked.confidence - rules_then.confidence)",
            "(asked.support - rules_then.support)",
            "0",
        )
    }} as rule_shares_difference
from asked
left join
    rules_now
    on asked.segment = rules_now.segment
    and asked.cluster_id = rules_now.cluster_id
    and asked.previous_triggered_by = rules_now.product_a
    and asked.recommended_product = rules_now.product_b
left join
    rules_then
    on asked.previous_segment = rules_then.segment
    and asked.previous_cluster_id = rules_then.cluster_id
    and asked.triggered_by = rules_then.product_a
    and asked.recommended_product = rules_then.product_b
