{#-
  Why a list changed: the table of reasons that recommendation_changes goes through. Every one is looked up: a reason
  that nothing proves is not given, however likely it is.
-#}
{#-
  Pairs of condition and reason, from the customer's own doings to what merely shifts around it; the first that applies
  is given. Conditions are SQL over the columns of change_facts, <column> in a reason is that column's text.
-#}
{% macro reasons() %}
    {% set stays = "change in ('moved', 'rescored')" %}
    {% set leads_to_it = "rises and triggered_by is not null" %}
    {% set led_to_it_is_gone = "falls and previous_triggered_by is not null and not previous_trigger_is_owned" %}
    {% set rating_moved_it = (
        "rating_now is distinct from rating_then "
        ~ "and (rises and multiplier > previous_multiplier or falls and multiplier < previous_multiplier)"
    ) %}
    {% set is_counted_anew = "(has_another_path or shares_difference <> 0)" %}
    {% set is_computed_anew = "(has_another_path or shares_difference <> 0 or multiplier <> previous_multiplier)" %}
    {% set is_now_shown_by_its_rule = "change = 'new' and rule_shares_difference > 0" %}
    {% set shares_moved_it = "(rises and shares_difference > 0 or falls and shares_difference < 0)" %}
    {% set supporters_moved_it = "(rises and supporters_difference > 0 or falls and supporters_difference < 0)" %}
    {% set grew_old = "falls and recency_difference < 0" %}
    {% set what_leaves_nothing_to_explain = [
        ("not is_a_customer", "the customer is no longer a customer"),
        ("change = 'gone' and is_held_out", "the customer is held out of the lists"),
        ("change = 'new' and was_held_out", "the customer is held out of the lists no more"),
        ("change = 'gone' and is_owned", "the customer has bought it"),
        ("change = 'gone' and not is_offered", "the product is no longer offered"),
        ("change = 'gone' and not may_be_shown", "never_recommend lists it"),
        ("change = 'gone' and is_excluded", "an override excludes it"),
        ("is_a_new_customer", "the customer is new"),
        ("not is_complete", "the lists before were made by an earlier version"),
        ("as_of_date < previous_as_of_date", "the lists are made for an earlier day"),
        ("source = 'pinned' and previous_source is distinct from 'pinned'", "an override puts it first"),
        (
            "previous_source = 'pinned' and source is distinct from 'pinned'",
            "no override puts it first any more",
        ),
        ("was_passed_by", "products around it changed"),
    ] %}
    {% set what_the_customer_bought_and_returned = [
        ("change = 'new' and was_owned and was_returned", "the customer has returned it"),
        ("change = 'new' and was_owned", "its purchase is no longer in the data"),
        (
            leads_to_it ~ " and not trigger_was_owned and counted_purchase_date > previous_as_of_date",
            "a new purchase leads to it",
        ),
        (leads_to_it ~ " and not trigger_was_owned", "a purchase that was not known before leads to it"),
        (
            leads_to_it ~ " and counted_purchase_date > counted_purchase_date_then",
            "the purchase that leads to it was repeated",
        ),
        (
            led_to_it_is_gone ~ " and previous_trigger_was_returned",
            "the purchase that led to it was returned",
        ),
        (led_to_it_is_gone, "the purchase that led to it is no longer in the data"),
        ("has_another_path and has_first_basket", "the customer has a basket now and had none"),
        ("has_another_path and lost_its_basket", "the customer has no basket any more"),
        (
            stays
            ~ " and rises and triggered_by is null and recency_difference > 0"
            ~ " and counted_purchase_date > counted_purchase_date_then",
            "the customer has bought again",
        ),
    ] %}
    {% set its_time_was_up = "lapsed_rating = rating_then and rating_now is distinct from rating_then" %}
    {% set what_was_rated = [
        (rating_moved_it ~ " and " ~ its_time_was_up, "the time of its rating was up"),
        (rating_moved_it ~ " and rating_now is null", "its rating was withdrawn"),
        (rating_moved_it, "it was rated <rating_now>"),
    ] %}
    {% set is_learned = "(source = 'learned' or previous_source = 'learned')" %}
    {% set what_the_ranker_learned = [
        (is_learned ~ " and changed_parameters is not null", "the parameters changed"),
        (is_learned ~ " and changed_version is not null", "another version made the lists"),
        (is_learned ~ " and change = 'gone'", "by what the ranker learned other products are stronger"),
        (is_learned ~ " and change = 'new'", "by what the ranker learned it is stronger beside the others"),
        (is_learned ~ " and rises", "by what the ranker learned it is stronger beside the others"),
        (is_learned, "by what the ranker learned it is weaker beside the others"),
    ] %}
    {% set whom_the_customer_is_compared_with = [
        (is_counted_anew ~ " and moved_to_another_segment", "the customer moved to another segment"),
        (is_counted_anew ~ " and moved_to_another_cluster", "the customer moved to another cluster"),
    ] %}
    {% set how_it_is_computed = [
        (
            stays ~ " and changed_parameters is not null and contains(changed_parameters, '_weight was')",
            "the weights of the score changed",
        ),
        ("changed_parameters is not null and " ~ is_computed_anew, "the parameters changed"),
        ("changed_version is not null and " ~ is_computed_anew, "another version made the lists"),
    ] %}
    {% set what_other_customers_bought = [
        (
            "falls and has_another_path and previous_source = 'association' and not previous_rule_holds",
            "the rule that led to it no longer holds",
        ),
        (
            "rises and has_another_path and source = 'association' and not rule_held_then",
            "a new rule leads to it",
        ),
        (
            is_now_shown_by_its_rule ~ " and rule_supporters_difference > 0",
            "more or fewer similar customers bought it",
        ),
        (is_now_shown_by_its_rule, "there are more or fewer similar customers"),
        (
            "change = 'gone' and rating_now is not null and own_score < " ~ var("min_final_score"),
            "with its rating its score fell below the minimum",
        ),
        (
            "change = 'gone' and previous_source <> 'association' and rule_places_difference > 0",
            "more rules fill the list",
        ),
        (
            "change = 'gone' and (own_score < lowest_score or own_score is null and previous_source = 'association')",
            "other products score higher",
        ),
        ("change = 'gone'", "other products took its place"),
        (
            "change = 'new' and source <> 'association' and rule_places_difference < 0",
            "fewer rules fill the list",
        ),
        ("change = 'new' and had_a_free_place", "a place in the list was free"),
        ("change = 'new'", "another product left the list"),
        (
            "source = 'association' and previous_source = 'association' and has_another_path",
            "another rule leads to it",
        ),
        ("source = 'association' and has_another_path", "a rule leads to it now"),
        ("previous_source = 'association' and has_another_path", "no rule leads to it any more"),
        ("has_another_path", "it is popular among other customers"),
        (shares_moved_it ~ " and " ~ supporters_moved_it, "more or fewer <compared_customers> bought it"),
        (shares_moved_it, "there are more or fewer <compared_customers>"),
    ] %}
    {% set what_time_did = [
        (
            grew_old ~ " and counted_purchase_date >= counted_purchase_date_then",
            "time passed since the last purchase",
        ),
        (grew_old, "the last purchase was returned or is no longer in the data"),
        ("true", "the score is computed in another way"),
    ] %}
    {{
        return(
            what_leaves_nothing_to_explain
            + what_the_customer_bought_and_returned
            + what_was_rated
            + what_the_ranker_learned
            + whom_the_customer_is_compared_with
            + how_it_is_computed
            + what_other_customers_bought
            + what_time_did
        )
    }}
{% endmacro %}

{#- A reason as SQL: 'it was rated <rating_now>' becomes 'it was rated ' || rating_now || ''. -#}
{% macro told_reason(reason) %}
    {{ return("'" ~ reason.replace("<", "' || ").replace(">", " || '") ~ "'") }}
{% endmacro %}

{#- A relation of customers and products beside list_changes. -#}
{% macro of_the_change(relation, product="product_id") -%}
    list_changes.customer_id = {{ relation }}.customer_id
    and list_changes.recommended_product = {{ relation }}.{{ product }}
{%- endmacro %}

{#- What recency counts from, now or with `previous_` in the run before: the purchase that leads to the product, else the last
    one of anything. -#}
{% macro counted_purchase_date(when) -%}
    case
        when list_changes.source in ('association', 'learned')
        then purchase_changes.{{ when }}trigger_purchase_date
        else customer_changes.{{ when }}last_purchase_date
    end
{%- endmacro %}
