{#- The chance of a repeat: what its models agree on. -#}
{#- Days that the chance of a repeat is about, and width of the spans that histories are counted in: four weeks, so
    that every span has the same days of the week. -#}
{% macro call_horizon_days() %} {{ return(28) }} {% endmacro %}

{#- Spans of so many days in a year of 364 days. -#}
{% macro spans_of_a_year() %} {{ return(13) }} {% endmacro %}

{#- Chances are learned from what followed these dates: so many spans before the as-of date. -#}
{% macro learned_cut_offs() %} {{ return([1, 2, 3]) }} {% endmacro %}

{#- The customer's last order days among which it is counted on how many it bought a product. -#}
{% macro last_order_days() %} {{ return(5) }} {% endmacro %}

{#- Beyond this multiple of its usual interval a product is lost, and no longer due. -#}
{% macro lost_from() %} {{ return(2) }} {% endmacro %}

{#- What a chance is learned from, column -> SQL of its amount, 0 or more. The model reorder_columns has the logarithm
    of each, as log_<name>. What was bought once has no gap; with one of a day its silence counts most, and orders
    products best (docs/who-buys-again.md). -#}
{% macro reorder_columns() %}
    {{
        return(
            {
                "days_since_last_purchase": "days_since_last_purchase",
                "mean_gap": "coalesce(mean_gap, 0)",
                "days_in_gaps": "days_since_last_purchase / greatest(coalesce(mean_gap, 0), 1)",
                "halved_every_56_days": "halved_every_56_days",
                "halved_every_180_days": "halved_every_180_days",
                "order_days": "order_days",
                "days_since_last_order": "days_since_last_order",
                "days_in_order_gaps": "days_since_last_order / greatest(coalesce(mean_order_gap, 0), 1)",
                "days_since_first_order": "days_since_first_order",
                "buyers": "buyers",
                "repeat_share": "repeat_share",
                "days_since_anybody_bought": "days_since_anybody_bought",
                "sales_lately": "sales_lately",
                "sales_a_year_ago": "sales_a_year_ago",
            }
        )
    }}
{% endmacro %}
