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
        {% if var("lost_from") < var("reorder_from") %}
            {% do parameter_error(
                "lost_from", "reorder_from (" ~ var("reorder_from") ~ ") or more", var("lost_from")
            ) %}
        {% endif %}
        {% for name, words in choice_parameters().items() if var(name) not in words %}
            {% do parameter_error(name, words | join(" or "), var(name)) %}
        {% endfor %}
        {% for name, meaning in list_parameters().items() %} {% do check_list(name, meaning) %} {% endfor %}
        {% if var("holdout_salt") is not string or not var("holdout_salt") | trim %}
            {% do parameter_error("holdout_salt", "a text, in quotes", var("holdout_salt")) %}
        {% endif %}
        {% do check_input_maps() %}
        {% for name in ["data_dir", "as_of_date", "accept_jump_on"] %} {% do check_is_not_empty(name) %} {% endfor %}
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
                "passing_reason_days": {"lowest": 1, "whole": true},
                "rating_multiplier_high": {"lowest": 0},
                "rating_multiplier_medium": {"lowest": 0},
                "rating_multiplier_low": {"lowest": 0},
                "max_clusters_per_segment": {"lowest": 1, "whole": true},
                "min_customers_per_cluster": {"lowest": 1, "whole": true},
                "min_rule_customers": {"lowest": 1, "whole": true},
                "recommendations_per_customer": {"lowest": 1, "whole": true},
                "max_per_l3_category": {"lowest": 0, "whole": true},
                "max_rejected_share": {"lowest": 0, "highest": 1},
                "max_ambiguous_share": {"lowest": 0, "highest": 1},
                "max_future_days": {"lowest": 0, "whole": true},
                "keep_published_sets": {"lowest": 2, "whole": true},
                "keep_changes_of_runs": {"lowest": 1, "whole": true},
                "learning_horizon_days": {"lowest": 7, "whole": true},
                "evaluation_days": {"lowest": 0, "whole": true},
                "min_reorder_purchases": {"lowest": 2, "whole": true},
                "min_interval_days": {"lowest": 1, "whole": true},
                "reorder_from": {"lowest": 0},
                "lost_from": {"lowest": 0},
                "lost_min_days": {"lowest": 0, "whole": true},
                "white_space_min_share": {"lowest": 0, "highest": 1},
                "chance_reorder": {"lowest": 0, "highest": 1},
                "chance_lost": {"lowest": 0, "highest": 1},
                "chance_offer": {"lowest": 0, "highest": 1},
                "adoption_window_days": {"lowest": 1, "whole": true},
                "holdout_share": {"lowest": 0, "highest": 0.5},
            }
        )
    }}
{% endmacro %}

{#- The parameters that are one of some words. -#}
{% macro choice_parameters() %}
    {{ return({"clustering_transform": ["log", "raw"], "ranker": ["formula", "learned"]}) }}
{% endmacro %}

{#- The parameters that are lists, and what each is a list of. -#}
{% macro list_parameters() %} {{ return({"never_recommend": "product_ids"}) }} {% endmacro %}

{#- The parameters that are maps, and what each is a map of. -#}
{% macro map_parameters() %}
    {{
        return(
            {
                "input_relations": "table: schema.relation",
                "input_databases": "name: address",
                "input_columns": "table: {column: its name there}",
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
            + (list_parameters().keys() | list)
            + (map_parameters().keys() | list)
            + (choice_parameters().keys() | list)
            + ["data_dir", "as_of_date", "accept_jump_on", "holdout_salt"]
        )
    }}
{% endmacro %}

{#-
  Those that stop a run, accept it or clear what is old, or concern only the lists of the day, and leave every number of the
  recommendations as it is. That data come from another place is no reason for them to be others.
-#}
{% macro parameters_without_effect_on_numbers() %}
    {{
        return(
            (jump_limits().keys() | list)
            + (map_parameters().keys() | list)
            + [
                "accept_jump_on",
                "data_dir",
                "max_rejected_share",
                "max_ambiguous_share",
                "keep_published_sets",
                "keep_changes_of_runs",
                "evaluation_days",
                "adoption_window_days",
            ]
            + parameters_of_the_day()
        )
    }}
{% endmacro %}

{% macro parameters_of_the_day() %}
    {{
        return(
            [
                "min_reorder_purchases",
                "min_interval_days",
                "reorder_from",
                "lost_from",
                "lost_min_days",
                "white_space_min_share",
                "chance_reorder",
                "chance_lost",
                "chance_offer",
            ]
        )
    }}
{% endmacro %}

{#- A list holds texts only: YAML reads 0010 as the number 8, and 8 is nobody's id. -#}
{% macro check_list(name, meaning) %}
    {% set values = var(name) %}
    {% if values is string or values is mapping or values is not iterable %}
        {% do parameter_error(name, "a list of " ~ meaning, values) %}
    {% endif %}
    {% for value in values if value is not string or not value | trim %}
        {% do refuse(
            "ipre parameter: "
            ~ name
            ~ " holds '"
            ~ value
            ~ "', which is no text: put quotes around it, as around every one of its "
            ~ meaning
            ~ " (YAML reads 0010 as the number 8)."
        ) %}
    {% endfor %}
{% endmacro %}

{#- Where the input tables are, and what their columns are called there. -#}
{% macro check_input_maps() %}
    {% for name in map_parameters() %} {% do check_map(name, var(name)) %} {% endfor %}
    {% for name in ["input_relations", "input_columns"] %}
        {% do check_keys(name, var(name), read_tables(), "input table") %}
    {% endfor %}
    {% for name in ["input_relations", "input_databases"] %} {% do check_texts(name, var(name)) %} {% endfor %}
    {% for table_name, columns in var("input_columns").items() %}
        {% set place, known = "input_columns of " ~ table_name, input_columns(table_name) %}
        {% do check_map("input_columns", columns) %}
        {% do check_keys(place, columns, known["required"] + known["optional"], "column") %}
        {% do check_texts(place, columns) %}
    {% endfor %}
    {% if var("input_relations") and wanted_data() == "demo" %}
        {% do refuse(
            "ipre parameter: data_dir is demo, and input_relations names tables of your own. Leave one of them out."
        ) %}
    {% endif %}
{% endmacro %}

{% macro check_map(name, value) %}
    {% if value is not mapping %}
        {% do parameter_error(name, "a map, {" ~ map_parameters()[name] ~ "}", value) %}
    {% endif %}
{% endmacro %}

{% macro check_keys(name, values, known, what) %}
    {% for key in values if key not in known %}
        {% do refuse(
            "ipre parameter: "
            ~ name
            ~ " names the "
            ~ what
            ~ " '"
            ~ key
            ~ "', which there is not. Did you mean '"
            ~ nearest(key, known)
            ~ "'?"
        ) %}
    {% endfor %}
{% endmacro %}

{% macro check_texts(name, values) %}
    {% for key, value in values.items() if value is not string or not value | trim %}
        {% do refuse(
            "ipre parameter: "
            ~ name
            ~ " gives "
            ~ key
            ~ " '"
            ~ value
            ~ "', which is no text. Write a name, in quotes."
        ) %}
    {% endfor %}
{% endmacro %}

{#- A setting that was given for this run and is empty is an accident of whatever calls ipre, not a wish for the default. -#}
{% macro check_is_not_empty(name) %}
    {% set value = var(name) %}
    {% if name == "data_dir" and value is not string and value is not none %}
        {% do parameter_error(name, "the path of a folder, in quotes", value) %}
    {% endif %}
    {% if value is none or (name in invocation_args_dict.get("vars", {}) and not value | string | trim) %}
        {% do refuse(
            "ipre parameter: "
            ~ name
            ~ " is given but empty. Give it a value, or leave it out; was a variable of the scheduler not set?"
        ) %}
    {% endif %}
{% endmacro %}

{#- A misspelt parameter in --vars would leave the default in force without a word. -#}
{% macro check_names() %}
    {% for name in invocation_args_dict.get("vars", {}) if name not in parameter_names() %}
        {% do refuse(
            "ipre parameter: there is no '"
            ~ name
            ~ "'. Did you mean '"
            ~ nearest(name, parameter_names())
            ~ "'?"
        ) %}
    {% endfor %}
{% endmacro %}

{#- The known name that is written most like this one. -#}
{% macro nearest(name, known) %}
    {{
        return(
            run_query(
                "select name from (select unnest("
                ~ (known | list)
                ~ ") as name) as known order by levenshtein(name, "
                ~ sql_literal(name)
                ~ "), name limit 1"
            ).rows[0][0]
        )
    }}
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
    {% set wanted = env_var("IPRE_DUCKDB_THREADS", "") %} {{ return("set threads = " ~ wanted if wanted else "") }}
{% endmacro %}
