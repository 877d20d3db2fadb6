{#-
  A run from its first to its last moment: what is checked before any table changes, when the result may be
  published, and what the run log says of it. The work that SQL cannot do is in ipre/run.
-#}
{#- What the run log says of a run from its start on. -#}
{% macro run_header() %}
    {% set parameters = {} %}
    {#- The log is published, and these are paths and addresses of the server's. -#}
    {% for name in parameter_names() if name not in ["data_dir", "input_databases"] %}
        {% do parameters.update({name: var(name)}) %}
    {% endfor %}
    {{
        return(
            {
                "run_id": invocation_id,
                "command": flags.WHICH,
                "dbt_version": dbt_version,
                "started_at": run_started_at,
                "parameters": parameters,
                "data_kind": data_kind(),
            }
        )
    }}
{% endmacro %}

{#- Run start, first: the run is noted, and the folder for published files can be written. -#}
{% macro begin_run() %}
    {% do check_profile() %}
    {% if is_build() %} {% do call_plugin("begin", dict(run_header(), **publication())) %} {% endif %}
    {{ return("") }}
{% endmacro %}

{#-
  Run start: what readers see now, for the comparison with this run, as views in the schema `input`. Before the first
  publication they have no rows; what a version before this one did not publish is null.
-#}
{% macro connect_published() %}
    {% if is_build() %}
        {% do call_plugin(
            "connect_published",
            {
                "publish_dir": publish_dir(),
                "views": compared_tables(),
                "optional": [
                    "published_backtest",
                    "published_ledger",
                ],
            },
        ) %}
        {% set run = published_run() %}
        {% set facts = [] %}
        {% for column in ["run_id", "changed_data", "changed_parameters", "changed_as_of_date", "changed_version"] %}
            {% set fact = run.get(column) %}
            {% do facts.append(("cast(null as string)" if fact is none else sql_literal(fact)) ~ " as " ~ column) %}
        {% endfor %}
        {% do run_query(
            "create or replace view "
            ~ in_schema("input")
            ~ ".published_run as select "
            ~ (facts | join(", "))
            ~ ", is_complete from "
            ~ in_schema("input")
            ~ ".published_set"
        ) %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#- What is compared with: view in `input` -> published table and those of its columns that are looked at. -#}
{% macro compared_tables() %}
    {% set lists = {
        "customer_id": "string",
        "recommended_product": "string",
        "product_name": "string",
        "triggered_by": "string",
        "source": "string",
        "rating": "string",
        "segment": "string",
        "cluster_id": "integer",
        "rank": "integer",
        "supporting_customers": "bigint",
        "score": "double",
        "rating_multiplier": "double",
        "support": "double",
        "confidence": "double",
        "recency": "double",
        "as_of_date": "date",
    } %}
    {% set baskets = {
        "customer_id": "string",
        "product_id": "string",
        "last_purchase_date": "date",
    } %}
    {% set ratings = {
        "customer_id": "string",
        "product_id": "string",
        "rating": "string",
        "rating_multiplier": "double",
    } %}
    {% set ledger = {} %}
    {% for name, column in graph.nodes["model.ipre.shown_ledger"].columns.items() %}
        {% do ledger.update({name: column.data_type}) %}
    {% endfor %}
    {{
        return(
            {
                "published_recommendations": {"name": "final_recommendations", "columns": lists},
                "published_basket": {"name": "market_basket", "columns": baskets},
                "published_ratings": {"name": "current_ratings", "columns": ratings},
                "published_backtest": {"name": "backtest_metrics", "columns": backtest_columns()},
                "published_ledger": {"name": "shown_ledger", "columns": ledger},
            }
        )
    }}
{% endmacro %}

{#-
  The run that readers see, and in words what was changed on purpose since: the kind of data, parameters that move
  numbers, the version. Null: nothing.
-#}
{% macro published_run() %}
    {% set row = run_query(
        "select shown.run_id, shown.parameters, shown.project_version, this_run.parameters, this_run.project_version, "
        ~ "shown.data_kind "
        ~ "from "
        ~ in_schema("main")
        ~ ".build_runs as this_run left join "
        ~ in_schema("main")
        ~ ".build_runs as shown on shown.run_id = "
        ~ "(select run_id from "
        ~ in_schema("input")
        ~ ".published_set) "
        ~ "where this_run.run_id = "
        ~ sql_literal(invocation_id)
    ).rows[0] %}
    {% if not row[0] %} {{ return({"run_id": "unknown"}) }} {% endif %}
    {% set before, now, changes = fromjson(row[1]), fromjson(row[3]), {} %}
    {% for name in parameter_names() | sort
        if name in before and name not in parameters_without_effect_on_numbers() and before[name] != now[name] %}
        {% do changes.update({name: name ~ " was " ~ tojson(before[name]) ~ ", is " ~ tojson(now[name])}) %}
    {% endfor %}
    {{
        return(
            {
                "run_id": row[0],
                "changed_data": (
                    "the data were " ~ row[5] ~ ", are " ~ data_kind() if row[5] not in [none, data_kind()] else none
                ),
                "changed_as_of_date": changes.pop("as_of_date", none),
                "changed_parameters": changes.values() | join("; ") or none,
                "changed_version": "ipre was " ~ row[2] ~ ", is " ~ row[4] if row[2] != row[4] else none,
            }
        )
    }}
{% endmacro %}

{% macro tables_read_by(node) %}
    {% set found = [] %}
    {% for parent in node.depends_on.nodes if parent in graph.nodes %}
        {% if graph.nodes[parent].config.materialized == "ephemeral" %}
            {% do found.extend(tables_read_by(graph.nodes[parent])) %}
        {% else %} {% do found.append(parent) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#-
  Run start, last: what models of a selection or `dbt test` read, this command does not build and nobody has built yet
  is told here, once, and not by one catalog error for each of them. In a build a test of what is not there concerns
  nobody else.
-#}
{% macro check_what_is_read() %}
    {% set read = {} %}
    {% for unique_id in selected_resources if execute %}
        {#- A unit test is not in the graph; it asks what columns the tables have that its model reads. -#}
        {% set is_unit_test = unique_id.startswith("unit_test.") %}
        {% set node = graph.nodes.get("model.ipre." ~ unique_id.split(".")[2] if is_unit_test else unique_id) %}
        {% if node and (flags.WHICH == "test" or not (is_unit_test or node.resource_type == "test")) %}
            {% for parent in tables_read_by(node) if parent not in selected_resources %}
                {% do read.update({graph.nodes[parent].schema ~ "." ~ graph.nodes[parent].alias: true}) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% if read and not invocation_args_dict.get("defer") %}
        {% set missing = read | reject("in", relations_built()) | sort %}
        {% if missing %}
            {% do refuse(
                "ipre: this command reads what is not built yet: " ~ missing[:3]
                | join(", ")
                ~ (" and " ~ (missing | length - 3) ~ " more" if missing | length > 3 else "")
                ~ ". Run `dbt build` first."
            ) %}
        {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#-
  Run end. Publishes when everything held: every model, seed and data test of the project was part of this command,
  and none failed. Otherwise readers keep what they have. Gives SQL that fails when publishing failed, so that the
  command does, too.
-#}
{% macro finish_run(results) %}
    {% if is_build() %}
        {% set failed = failures(results) %}
        {% set missing = left_out(results) %}
        {% do call_plugin(
            "finish",
            dict(
                publication(),
                failed=failed,
                missing=missing,
                figures=run_figures(results),
                keep_sets=var("keep_published_sets"),
                keep_changes=var("keep_changes_of_runs"),
            ),
        ) %}
        {% set run = run_query(
            "select outcome, reason from "
            ~ in_schema("main")
            ~ ".build_runs where run_id = "
            ~ sql_literal(invocation_id)
        ).rows[0] %}
        {% if run["outcome"] == "published" %} {% do show_result() %}
        {% else %}
            {% do log("", info=true) %}
            {% do log(
                "ipre: nothing was published, readers still see what they saw. Reason: " ~ run["reason"],
                info=true,
            ) %}
            {% if not failed and run["outcome"] == "failed" %}
                {{ return("select error(" ~ sql_literal(run["reason"]) ~ ")") }}
            {% endif %}
        {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#-
  What went wrong, in words; empty when nothing did. What was skipped is a consequence and not listed. Of a failed
  comparison with the last published run dbt knows only how many figures jumped: which, stands in the table.
-#}
{% macro failures(results) %}
    {% set bad = results | selectattr("status", "in", ["error", "fail", "runtime error", "partial success"]) | list %}
    {% set words, gates = [], [] %}
    {% for result in bad
        if result.status == "fail"
        and result.node.test_metadata
        and result.node.test_metadata.name == "moves_within_limit" %}
        {% do gates.append(result) %}
    {% endfor %}
    {% if gates %}
        {% set bad = bad | reject("in", gates) | list %}
        {% set jumps = told_jumps() %}
        {% do words.append(
            "unlike the last published run, "
            ~ (jumps[:3] | join("; "))
            ~ ("; and " ~ (jumps | length - 3) ~ " more" if jumps | length > 3)
            ~ ". "
            ~ advice_on_jumps()
        ) %}
    {% endif %}
    {% for result in bad[:3] %}
        {#- dbt's message of an error begins with a line that names the node once more. -#}
        {% set lines = (result.message or "").splitlines() | map("trim") | select | list %}
        {% set told = lines[1] if lines | length > 1 and " Error" in lines[0] else lines | first | default("") %}
        {% do words.append(result.node.resource_type ~ " " ~ result.node.name ~ ": " ~ told) %}
    {% endfor %}
    {% if bad | length > 3 %} {% do words.append("and " ~ (bad | length - 3) ~ " more") %} {% endif %}
    {{ return(words | join("; ")) }}
{% endmacro %}

{#- What this command did not build or test though publishing needs it, in words; empty when all was there. -#}
{% macro left_out(results) %}
    {% set held = (
        results
        | selectattr("status", "in", ["success", "pass", "warn"])
        | map(attribute="node.unique_id")
        | list
    ) %}
    {% set needed = (
        graph.nodes.values()
        | selectattr("resource_type", "in", ["model", "seed", "test"])
        | rejectattr("config.materialized", "equalto", "ephemeral")
        | map(attribute="unique_id")
        | list
    ) %}
    {% set missing = [] %}
    {% for unique_id in needed | reject("in", held) | sort %}
        {#- A test of a model that this ranker does not have is no test that was left out. -#}
        {% set node = graph.nodes[unique_id] %}
        {% if node.config.enabled or node.attached_node in graph.nodes %} {% do missing.append(unique_id) %} {% endif %}
    {% endfor %}
    {% if flags.EMPTY or invocation_args_dict.get("sample") %} {{ return("the tables were built without their rows") }}
    {% elif missing %}
        {{
            return(
                "only a whole `dbt build` publishes; this command left out " ~ missing
                | length ~ " of " ~ needed
                | length ~ " seeds, models and data tests"
            )
        }}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#- Figures of this run for the run log: column -> SQL of its value, for what this run has built. -#}
{% macro run_figures(results) %}
    {% set built = results | selectattr("status", "equalto", "success") | map(attribute="node.name") | list %}
    {% set figures = {} %}
    {% for table_name, model in checked_models().items() if model in built %}
        {% set counts = "select count(*) from " ~ judged_rows(table_name) %}
        {% do figures.update(
            {
                table_name ~ "_read": counts,
                table_name ~ "_accepted": counts ~ " where rejection_reason is null",
                table_name ~ "_rejected": counts ~ " where rejection_reason is not null",
            }
        ) %}
    {% endfor %}
    {% for column, model, value in [
        ("as_of_date", "as_of", "max(as_of_date)"),
        ("clusters", "cluster_profiles", "count(*)"),
        ("rules", "associations", "count(*)"),
        ("recommendations", "final_recommendations", "count(*)"),
    ] if model in built %}
        {% do figures.update({column: "select " ~ value ~ " from " ~ in_schema("build") ~ "." ~ model}) %}
    {% endfor %}
    {{ return(figures) }}
{% endmacro %}

{#- What is published, and where. -#}
{% macro publication() %}
    {{
        return(
            {
                "publish_dir": publish_dir(),
                "publish_store": publish_store(),
                "tables": published_tables(),
                "csv_tables": ["final_recommendations"],
            }
        )
    }}
{% endmacro %}

{#-
  Every table that readers see: the models whose meta says `published`, as the run built them, and the run log; and
  those whose meta says `carried`, which go with them for the next run and which no reader is led to. What another room may
  read (`access`) is another question.
-#}
{% macro published_tables() %}
    {% set tables = [] %}
    {% for node in graph.nodes.values() if node.resource_type == "model" and (
            node.config.meta.get("published") or node.config.meta.get("carried")
        ) %}
        {% set columns = {} %}
        {% for name, column in node.columns.items() %} {% do columns.update({name: column.data_type}) %} {% endfor %}
        {% do tables.append(
            {
                "name": node.alias,
                "schema": node.schema,
                "columns": columns,
                "order_by": node.config.meta.get("published_order", []),
                "kept": node.config.meta.get("rows_of_earlier_runs_are_kept", false),
                "hidden": node.config.meta.get("carried", false),
                "comments": descriptions(node),
            }
        ) %}
    {% endfor %}
    {% set run_log = graph.sources["source.ipre.run_log.build_runs"] %}
    {% do tables.append({"name": "build_runs", "schema": "main", "comments": descriptions(run_log)}) %}
    {{ return(tables | sort(attribute="name")) }}
{% endmacro %}

{#- Descriptions of a table and its columns; the table's stands under "". -#}
{% macro descriptions(node) %}
    {% set texts = {"": node.description} %}
    {% for name, column in node.columns.items() %} {% do texts.update({name: column.description}) %} {% endfor %}
    {{ return(texts) }}
{% endmacro %}

{#-
  Show readers an earlier published set again: `dbt run-operation roll_back` the one before the lists that they see,
  `--args '{to: NAME}'` any that the folder still has (the name of a folder under sets/, or a run_id).
-#}
{% macro roll_back(to="") %}
    {% if execute %}
        {% do call_plugin(
            "roll_back",
            dict(run_header(), to=to, command="roll_back", data_kind=none, **publication()),
        ) %}
        {% set run = run_query(
            "select reason from "
            ~ in_schema("main")
            ~ ".build_runs where run_id = "
            ~ sql_literal(invocation_id)
        ).rows[0] %}
        {% do log("ipre: rolled back " ~ run["reason"] ~ ". The next whole build publishes as ever.", info=true) %}
    {% endif %}
{% endmacro %}
