-- The positions of every list: pinned products first, then ranked ones, then the comparison groups, inside
-- each by score; the first of them are then ranked, pinned ones in their order and the others by score whatever their
-- source. Of one aisle only the first max_per_l3_category take part, and all pins.
{%- set by_list_score = "list_score desc, " ~ by_score() %}

with

    candidates as (select * from {{ ref("recommendation_candidates") }}),

    in_lists as (
        {% for list_name, list_score in {"before_feedback": "score", "final": "rated_score"}.items() %}
            {{ "union all" if not loop.first }}
            select
                '{{ list_name }}' as list_name,
                customer_number,
                product_number,
                aisle_number,
                group_step,
                pin_position,
                {{ list_score }} as list_score,
                score,
                confidence,
                support
            from candidates
            where is_target_only is not true {% if list_name == "final" %} and not is_dropped {% endif %}
        {% endfor %}
        {% if is_evaluated() %}
            -- What a back-test measures others by, whichever ranker's lists are shown.
            union all
            select
                'formula' as list_name,
                formula.customer_number,
                formula.product_number,
                products.aisle_number,
                formula.group_step,
                formula.pin_position,
                formula.score as list_score,
                formula.score,
                formula.confidence,
                formula.support
            from
                (
                    select *
                    from {{ ref("rule_candidates") }}
                    union all
                    select *
                    from {{ ref("popularity_candidates") }}
                    where ranker = 'formula' and pin_position is null
                ) as formula
            inner join {{ ref("product_numbers") }} as products using (product_number)
        {% endif %}
    ),

    positioned_in_aisles as (
        select
            *,
            {{
                position_in_aisle(
                    "list_name, customer_number", "group_step, pin_position nulls last, " ~ by_list_score
                )
            }} as position_in_aisle
        from in_lists
    ),

    filled as (
        select
            *,
            row_number() over (
                partition by list_name, customer_number
                order by group_step, pin_position nulls last, {{ by_list_score }}
            ) as position
        from positioned_in_aisles
        where position_in_aisle <= {{ positions_in_aisle() }} or pin_position is not null
    )

select
    list_name,
    customer_number,
    product_number,
    cast(
        row_number() over (
            partition by list_name, customer_number order by pin_position nulls last, {{ by_list_score }}
        ) as integer
    ) as rank
from filled
where position <= {{ var("recommendations_per_customer") }}
{% if var("targets_per_product") %}
    -- The other way round: whom to offer a product. Where nothing leads to it, the cluster that buys it most.
    union all
    select 'target' as list_name, customer_number, product_number, cast(position as integer) as rank
    from
        (
            select
                customer_number,
                product_number,
                row_number() over (
                    partition by product_number
                    order by
                        group_step,
                        case
                            when group_step > 0
                            then support
                            when purchase_chance is null
                            then score
                            else purchase_chance
                        end
                        * rating_multiplier desc,
                        {{ by_score("customer_number") }}
                ) as position
            from candidates
            semi join
                {{ ref("customer_numbers") }} as customers
                on candidates.customer_number = customers.customer_number
                and not customers.is_held_out
            where not is_dropped and group_step <= 1
        ) as targets
    where position <= {{ var("targets_per_product") }}
{% endif %}
