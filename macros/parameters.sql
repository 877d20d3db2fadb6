{#-
  Run start: every parameter is legal, or the run stops before any table changes. The one place that knows the
  legal range of each; defaults and effects stand in dbt_project.yml.
-#}
{% macro check_parameters() %}
    {% if execute %}
        {% do check_names() %}
        {% set ranges = dict(parameter_ranges(), **jump_limits()) %}
        {% for name, range in ranges.items() %} {% do check_number(name, **range) %} {% endfor %}

        {% set weight_sum = (var("confidence_weight") + var("support_weight") + var("recency_weight")) | round(9) %}
        {% if weight_sum != 1 %}
            {% do parameter_error("confidence_weight + support_weight + recency_weight", "a sum of 1", weight_sum) %}
        {% endif %}
        {% if var("clustering_transform") not in ["log", "raw"] %}
            {% do parameter_error("clustering_transform", "log or raw", var("clustering_transform")) %}
        {% endif %}
        {% if var("never_recommend") is string or var("never_recommend") is not iterable %}
            {% do parameter_error("never_recommend", "a list of product_ids", var("never_recommend")) %}
        {% endif %}
        {% for name in ["as_of_date", "accept_jump_on"] if var(name) and not is_date(var(name) | string) %}
            {% do parameter_error(name, "a date, YYYY-MM-DD, or empty", var(name)) %}
        {% endfor %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#- The numbers: lowest and highest legal value, and whether only whole ones are. -#}
{% macro parameter_ranges() %}
    {{
        return(
            {
                "confidence_weight": {"lowest": 0, "highest": 1},
                "support_weight": {"lowest": 0, "highest": 1},
                "recency_weight": {"lowest": 0, "highest": 1},
                "min_support": {"lowest": 0, "highest": 1},
                "min_final_score": {"lowest": 0},
                "rating_multiplier_high": {"lowest": 0},
                "rating_multiplier_medium": {"lowest": 0},
                "rating_multiplier_low": {"lowest": 0},
                "max_clusters_per_segment": {"lowest": 1, "whole": true},
                "min_customers_per_cluster": {"lowest": 1, "whole": true},
                "kmeans_restarts": {"lowest": 1, "whole": true},
                "max_silhouette_customers": {"lowest": 2, "whole": true},
                "min_rule_customers": {"lowest": 1, "whole": true},
                "recommendations_per_customer": {"lowest": 1, "whole": true},
                "max_rejected_share": {"lowest": 0, "highest": 1},
                "max_future_days": {"lowest": 0, "whole": true},
                "keep_published_sets": {"lowest": 2, "whole": true},
                "keep_changes_of_runs": {"lowest": 1, "whole": true},
            }
        )
    }}
{% endmacro %}

{#- The names of all parameters. -#}
{% macro parameter_names() %}
    {{
        return(
            (parameter_ranges().keys() | list)
            + (jump_limits().keys() | list)
            + ["data_dir", "as_of_date", "clustering_transform", "never_recommend", "accept_jump_on"]
        )
    }}
{% endmacro %}

{#- Those that stop a run, accept it or clear what is old, and leave every number as it is. -#}
{% macro parameters_without_effect_on_numbers() %}
    {{
        return(
            (jump_limits().keys() | list)
            + ["accept_jump_on", "data_dir", "max_rejected_share", "keep_published_sets", "keep_changes_of_runs"]
        )
    }}
{% endmacro %}

{#- A misspelt parameter in --vars would leave the default in force without a word. -#}
{% macro check_names() %}
    {% for name in invocation_args_dict.get("vars", {}) if name not in parameter_names() %}
        {% set nearest = run_query(
            "select name from (select unnest("
            ~ parameter_names()
            ~ ") as name) as known order by levenshtein(name, "
            ~ sql_literal(name)
            ~ "), name limit 1"
        ).rows[0][0] %}
        {% do refuse("ipre parameter: there is no '" ~ name ~ "'. Did you mean '" ~ nearest ~ "'?") %}
    {% endfor %}
{% endmacro %}

{% macro check_number(name, lowest, highest=none, whole=false) %}
    {% set value = var(name) %}
    {% set kind = "a whole number" if whole else "a number" %}
    {% set legal = (
        kind ~ " from " ~ lowest ~ " to " ~ highest
        if highest is not none
        else kind ~ ", " ~ lowest ~ " or more"
    ) %}
    {#- A value that is not equal to itself is NaN; one that does not get smaller by 1 is infinite, or no sensible number. -#}
    {% if value is not number or value is boolean or value != value or value - 1 == value or (
        whole and value is not integer
    ) or value < lowest or (highest is not none and value > highest) %}
        {% do parameter_error(name, legal, value) %}
    {% endif %}
{% endmacro %}

{% macro is_date(text) %}
    {{
        return(
            modules.re.match("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text)
            and run_query("select try_cast(" ~ sql_literal(text) ~ " as date) is not null").rows[0][0]
        )
    }}
{% endmacro %}

{% macro parameter_error(name, legal, value) %}
    {% do refuse(
        "ipre parameter: "
        ~ name
        ~ " must be "
        ~ legal
        ~ "; got '"
        ~ value
        ~ "'. Change it in dbt_project.yml or in --vars."
    ) %}
{% endmacro %}

{#- IPRE_DUCKDB_THREADS: how many cores DuckDB may use, on a machine that has others to serve. -#}
{% macro limit_threads() %}
    {% set wanted = env_var("IPRE_DUCKDB_THREADS", "") %}
    {% if wanted and not modules.re.match("^[1-9][0-9]*$", wanted) %}
        {% do refuse("ipre: IPRE_DUCKDB_THREADS must be a whole number, 1 or more; got '" ~ wanted ~ "'.") %}
    {% endif %}
    {{ return("set threads = " ~ wanted if wanted else "") }}
{% endmacro %}
