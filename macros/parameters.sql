{#-
  Run start: every parameter is legal, or the run stops before any table changes.
-#}
{% macro check_parameters() %}
    {% if execute %}
        {% for name in ["confidence_weight", "support_weight", "recency_weight", "min_support"] %}
            {% do check_number(name, "a number from 0 to 1", 0, 1) %}
        {% endfor %}
        {% for name in [
            "min_final_score",
            "rating_multiplier_high",
            "rating_multiplier_medium",
            "rating_multiplier_low",
        ] %}
            {% do check_number(name, "a number, 0 or more", 0) %}
        {% endfor %}
        {% for name in [
            "max_clusters_per_segment",
            "min_customers_per_cluster",
            "kmeans_restarts",
            "min_rule_customers",
            "recommendations_per_customer",
        ] %}
            {% do check_number(name, "a whole number, 1 or more", 1, whole=true) %}
        {% endfor %}
        {% do check_number("max_silhouette_customers", "a whole number, 2 or more", 2, whole=true) %}

        {% set weight_sum = (var("confidence_weight") + var("support_weight") + var("recency_weight")) | round(9) %}
        {% if (weight_sum - 1) | abs > 0.000001 %}
            {% do parameter_error("confidence_weight + support_weight + recency_weight", "a sum of 1", weight_sum) %}
        {% endif %}
        {% if var("clustering_transform") not in ["log", "raw"] %}
            {% do parameter_error("clustering_transform", "log or raw", var("clustering_transform")) %}
        {% endif %}
        {% if var("never_recommend") is string or var("never_recommend") is not iterable %}
            {% do parameter_error("never_recommend", "a list of product_ids", var("never_recommend")) %}
        {% endif %}
        {% if var("as_of_date") and not modules.re.match("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var("as_of_date") | string) %}
            {% do parameter_error("as_of_date", "a date, YYYY-MM-DD, or empty", var("as_of_date")) %}
        {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro check_number(name, legal, lowest, highest=none, whole=false) %}
    {% set value = var(name) %}
    {% if value is not number or value is boolean or (whole and value is not integer) or value < lowest or (
        highest is not none and value > highest
    ) %}
        {% do parameter_error(name, legal, value) %}
    {% endif %}
{% endmacro %}

{% macro parameter_error(name, legal, value) %}
    {{
        exceptions.raise_compiler_error(
            "ipre parameter: "
            ~ name
            ~ " must be "
            ~ legal
            ~ "; got '"
            ~ value
            ~ "'. Change it in dbt_project.yml or in --vars."
        )
    }}
{% endmacro %}
