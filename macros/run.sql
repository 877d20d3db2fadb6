{#-
  A run: here dbt hands over what it knows, and Python (ipre/run/lifecycle.py) does what SQL cannot: parameters, the
  sources, the gate, publication, the run log, what is printed.
-#}
{#- Hook at run start: parameters, profile and input are as they must be, and the input is read; or no table
    changes. -#}
{% macro start_run() %}
    {% do check_profile() %} {% if execute %} {% do in_python("start", what_dbt_knows()) %} {% endif %} {{ return("") }}
{% endmacro %}

{#- Hook of as_of: stops the run when too many rows were rejected, or too many lines stand on ids that contradict
    each other. The relations are arguments so that they are built before; the other judged tables of an export are,
    because invoice lines wait for them. -#}
{% macro check_inputs(judged_feedback, ambiguous_ids) %}
    {% if execute and not flags.EMPTY %}
        {% do in_python(
            "check_inputs",
            {
                "ambiguous_ids": ambiguous_ids | string,
                "max_rejected_share": var("max_rejected_share"),
                "newest_is_today": not var("as_of_date") and not is_accepted_today(),
            },
        ) %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#- Whether this day, here or in UTC, is the one on which unusual changes are accepted; on one day only, because a
    switch that was left on would accept them for ever. -#}
{% macro is_accepted_today() %}
    {% set days = [run_started_at.strftime("%Y-%m-%d"), run_day()] %}
    {{ return(var("accept_jump_on") | string in days) }}
{% endmacro %}

{#- Hook at run end: publishes when every model, seed and data test of the project was part of this command and none
    failed. Gives SQL that fails when only publishing failed, so that the command does, too. -#}
{% macro end_run(results) %}
    {% set answer = {} %}
    {% do in_python("end", dict(what_dbt_knows(), results=results, answer=answer)) if execute %}
    {{ return("select " ~ failing(answer.reason) if answer.reason else "") }}
{% endmacro %}

{#-
  Show readers an earlier published set again: `dbt run-operation roll_back` the one before the lists that they see,
  `--args '{to: NAME}'` any that the folder still has (the name of a folder under sets/, or a run_id).
-#}
{% macro roll_back(to="") %} {% do in_python("roll_back", dict(what_dbt_knows(), to=to)) if execute %} {% endmacro %}

{#- Have what readers see in another folder or object store, where the warehouse publishes from then on:
    IPRE_PUBLISH_DIR=NEW dbt run-operation move_published. Nothing else moves a warehouse from one folder to
    another. -#}
{% macro move_published() %} {% do in_python("move_published", what_dbt_knows()) if execute %} {% endmacro %}

{#- What Python gets of a command (ipre/run/command.py). -#}
{% macro what_dbt_knows() %}
    {{
        return(
            {
                "run_id": invocation_id,
                "started_at": run_started_at,
                "dbt_version": dbt_version,
                "flags": flags,
                "arguments": invocation_args_dict,
                "var": var,
                "target": target.name,
                "graph": graph,
                "selected": selected_resources,
                "is_accepted": is_accepted_today(),
                "rules": {
                    "day": parse_date(clean_text("invoice_date")),
                    "is_too_late": is_in_the_future("day"),
                },
            }
        )
    }}
{% endmacro %}
