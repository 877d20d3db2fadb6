"""Parameters: an illegal one stops the run before any table changes, and the message says what to do."""

import pytest
import yaml
from conftest import PROJECT, SMALL, dbt

ILLEGAL = [
    ({"min_support": 5}, "min_support must be a number from 0 to 1; got '5'"),
    ({"min_support": "0.05"}, "min_support must be a number from 0 to 1"),
    ({"confidence_weight": 0.6}, "must be a sum of 1; got '1.1'"),
    ({"recency_weight": -0.2, "confidence_weight": 0.9}, "recency_weight must be a number from 0 to 1; got '-0.2'"),
    ({"max_clusters_per_segment": 0}, "max_clusters_per_segment must be a whole number, 1 or more; got '0'"),
    ({"min_rule_customers": 2.5}, "min_rule_customers must be a whole number, 1 or more; got '2.5'"),
    ({"rating_multiplier_low": -1}, "rating_multiplier_low must be a number, 0 or more; got '-1'"),
    ({"clustering_transform": "sqrt"}, "clustering_transform must be log or raw; got 'sqrt'"),
    ({"as_of_date": "31.12.2025"}, "as_of_date must be a date, YYYY-MM-DD, or empty; got '31.12.2025'"),
    ({"as_of_date": "2025-02-30"}, "as_of_date must be a date, YYYY-MM-DD, or empty; got '2025-02-30'"),
    ({"min_final_score": float("nan")}, "min_final_score must be a number, 0 or more; got 'NaN'"),
    ({"min_final_score": float("inf")}, "min_final_score must be a number, 0 or more; got 'Infinity'"),
    ({"max_rejected_share": 1.01}, "max_rejected_share must be a number from 0 to 1; got '1.01'"),
    ({"max_future_days": -1}, "max_future_days must be a whole number, 0 or more; got '-1'"),
    ({"keep_published_sets": 1}, "keep_published_sets must be a whole number, 2 or more; got '1'"),
    ({"keep_changes_of_runs": 0}, "keep_changes_of_runs must be a whole number, 1 or more; got '0'"),
    (
        {"as_of_date": "2026-01-01"},
        "as_of_date must be a date inside the data, from 2023-01-01 to 2025-12-31; got '2026-01-01'",
    ),
    ({"holdout_share": 0.6}, "holdout_share must be a number from 0 to 0.5; got '0.6'"),
    ({"holdout_share": "a tenth"}, "holdout_share must be a number from 0 to 0.5; got 'a tenth'"),
    ({"holdout_share": float("inf")}, "holdout_share must be a number from 0 to 0.5; got 'Infinity'"),
    ({"holdout_salt": 2026}, "holdout_salt must be a text, in quotes; got '2026'"),
    ({"holdout_share": -0.1}, "holdout_share must be a number from 0 to 0.5; got '-0.1'"),
    ({"holdout_share": True}, "holdout_share must be a number from 0 to 0.5; got 'True'"),
    ({"holdout_salt": " "}, "holdout_salt must be a text, in quotes; got ' '"),
    ({"holdout_salt": None}, "holdout_salt must be a text, in quotes; got 'None'"),
    ({"adoption_window_days": 30.5}, "adoption_window_days must be a whole number, 1 or more; got '30.5'"),
    ({"max_per_l3_category": -1}, "max_per_l3_category must be a whole number, 0 or more; got '-1'"),
    ({"max_per_l3_category": 1.5}, "max_per_l3_category must be a whole number, 0 or more; got '1.5'"),
    ({"max_per_l3_category": None}, "max_per_l3_category must be a whole number, 0 or more; got 'None'"),
    ({"min_reorder_purchases": 1}, "min_reorder_purchases must be a whole number, 2 or more; got '1'"),
    ({"min_interval_days": 0}, "min_interval_days must be a whole number, 1 or more; got '0'"),
    ({"reorder_from": -0.1}, "reorder_from must be a number, 0 or more; got '-0.1'"),
    ({"lost_from": "twice"}, "lost_from must be a number, 0 or more; got 'twice'"),
    ({"lost_from": 0.5}, "lost_from must be reorder_from (0.8) or more; got '0.5'"),
    ({"lost_min_days": -1}, "lost_min_days must be a whole number, 0 or more; got '-1'"),
    ({"white_space_min_share": 50}, "white_space_min_share must be a number from 0 to 1; got '50'"),
    ({"chance_reorder": 35}, "chance_reorder must be a number from 0 to 1; got '35'"),
    ({"chance_lost": -0.2}, "chance_lost must be a number from 0 to 1; got '-0.2'"),
    ({"chance_offer": "5 %"}, "chance_offer must be a number from 0 to 1; got '5 %'"),
    ({"passing_reason_days": 0}, "passing_reason_days must be a whole number, 1 or more; got '0'"),
    ({"ranker": "learnt"}, "ranker must be formula or learned; got 'learnt'"),
    ({"learning_horizon_days": 6}, "learning_horizon_days must be a whole number, 7 or more; got '6'"),
    ({"evaluation_days": -1}, "evaluation_days must be a whole number, 0 or more; got '-1'"),
    ({"adoption_window_days": 0}, "adoption_window_days must be a whole number, 1 or more; got '0'"),
    ({"min_suport": 0.1}, "there is no 'min_suport'. Did you mean 'min_support'?"),
    ({"max_rows_lost": 2}, "max_rows_lost must be a number from 0 to 1; got '2'"),
    ({"max_rules_factor": 0.5}, "max_rules_factor must be a number, 1 or more; got '0.5'"),
    ({"accept_jump_on": "tonight"}, "accept_jump_on must be a date, YYYY-MM-DD, or empty; got 'tonight'"),
    ({"accept_jump_on": True}, "accept_jump_on must be a date, YYYY-MM-DD, or empty; got 'True'"),
    ({"never_recommend": "P1"}, "never_recommend must be a list of product_ids; got 'P1'"),
    ({"never_recommend": {"P1": True}}, "never_recommend must be a list of product_ids"),
    ({"never_recommend": ["P1", 8]}, "never_recommend holds '8', which is no text: put quotes around it"),
    ({"never_recommend": [None]}, "never_recommend holds 'None', which is no text: put quotes around it"),
    ({"never_recommend": [" "]}, "never_recommend holds ' ', which is no text: put quotes around it"),
    ({"max_ambiguous_share": 2}, "max_ambiguous_share must be a number from 0 to 1; got '2'"),
    ({"as_of_date": None}, "as_of_date is given but empty"),
    ({"as_of_date": ""}, "as_of_date is given but empty"),
    ({"data_dir": None}, "data_dir is given but empty. Give it a value, or leave it out"),
    ({"data_dir": " "}, "data_dir is given but empty"),
    ({"data_dir": 8}, "data_dir must be the path of a folder, in quotes; got '8'"),
    (
        {"input_relations": "sales.lines"},
        "input_relations must be a map, {table: schema.relation}; got 'sales.lines'",
    ),
    (
        {"input_relations": {"invoice": "a.b"}},
        "the input table 'invoice', which there is not. Did you mean 'invoices'?",
    ),
    ({"input_relations": {"invoices": None}}, "input_relations gives invoices 'None', which is no text"),
    ({"input_relations": {"invoices": "a.b"}, "data_dir": "demo"}, "data_dir is demo, and input_relations names"),
    ({"input_databases": {"crm": 8}}, "input_databases gives crm '8', which is no text"),
    ({"input_columns": {"customers": "KUNNR"}}, "input_columns must be a map, {table: {column: its name there}}"),
    (
        {"input_columns": {"customers": {"customerid": "KUNNR"}}},
        "input_columns of customers names the column 'customerid', which there is not. Did you mean 'customer_id'?",
    ),
    ({"input_columns": {"customers": {"customer_id": " "}}}, "input_columns of customers gives customer_id ' '"),
    ({"confidence_weight": 1.5}, "confidence_weight must be a number from 0 to 1; got '1.5'"),
    ({"support_weight": -0.1}, "support_weight must be a number from 0 to 1; got '-0.1'"),
    ({"max_baskets_lost": 2}, "max_baskets_lost must be a number from 0 to 1; got '2'"),
    (
        {"max_customers_in_another_segment": -1},
        "max_customers_in_another_segment must be a number from 0 to 1; got '-1'",
    ),
    ({"max_customers_missing": 2}, "max_customers_missing must be a number from 0 to 1; got '2'"),
    ({"max_places_changed": 30}, "max_places_changed must be a number from 0 to 1; got '30'"),
    ({"max_rule_places_change": -0.1}, "max_rule_places_change must be a number from 0 to 1; got '-0.1'"),
    ({"max_segment_loss": 1.1}, "max_segment_loss must be a number from 0 to 1; got '1.1'"),
    ({"max_rows_gained": -1}, "max_rows_gained must be a number, 0 or more; got '-1'"),
    ({"max_quantity_change": -0.2}, "max_quantity_change must be a number, 0 or more; got '-0.2'"),
    ({"max_segments_change": -1}, "max_segments_change must be a number, 0 or more; got '-1'"),
    ({"rating_multiplier_high": -1.2}, "rating_multiplier_high must be a number, 0 or more; got '-1.2'"),
    ({"rating_multiplier_medium": "1"}, "rating_multiplier_medium must be a number, 0 or more; got '1'"),
    ({"max_clusters_factor": 0.5}, "max_clusters_factor must be a number, 1 or more; got '0.5'"),
    ({"max_days_ahead": 1.5}, "max_days_ahead must be a whole number, 0 or more; got '1.5'"),
    ({"max_days_back": -1}, "max_days_back must be a whole number, 0 or more; got '-1'"),
    ({"max_invoice_days_lost": -5}, "max_invoice_days_lost must be a whole number, 0 or more; got '-5'"),
    ({"min_jump": -1}, "min_jump must be a whole number, 0 or more; got '-1'"),
    ({"min_customers_per_cluster": 0}, "min_customers_per_cluster must be a whole number, 1 or more; got '0'"),
    ({"recommendations_per_customer": 0}, "recommendations_per_customer must be a whole number, 1 or more; got '0'"),
]


@pytest.mark.parametrize(("variables", "message"), ILLEGAL)
def test_an_illegal_parameter_stops_the_run_and_is_named_with_its_range_and_value(tmp_path, variables, message):
    build = dbt(tmp_path, "run", variables=variables, parsed_with={})
    assert not build.success
    assert message in build.messages
    assert not any(status == "success" for name, status in build.statuses.items() if not name.startswith("ipre-"))


def test_parameters_reach_sql_and_python_alike(tmp_path, small_data, small_build):
    one_cluster = dbt(tmp_path / "one", "run", data_dir=small_data, variables={**SMALL, "max_clusters_per_segment": 1})
    assert one_cluster.success, one_cluster.messages
    assert one_cluster.rows("select max(cluster_id) from customer_clusters") == [(0,)]
    assert small_build.rows("select max(cluster_id) > 0 from customer_clusters") == [(True,)]

    three = dbt(
        tmp_path / "three",
        "run",
        data_dir=small_data,
        variables={
            **SMALL,
            "recommendations_per_customer": 3,
            "min_rule_customers": 5,
            "clustering_transform": "raw",
        },
    )
    assert three.success, three.messages
    assert three.rows("select max(rank) from final_recommendations") == [(3,)]
    assert three.rows("select min(customers_with_both) from associations") == [(5,)]
    assert three.table("customer_clusters") != small_build.table("customer_clusters")


def test_every_parameter_of_the_project_file_can_be_given_by_name(tmp_path):
    parameters = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    given = {name: value for name, value in parameters.items() if value != ""}  # given but empty is an error
    build = dbt(tmp_path, "run", "--select", "as_of", variables={**given, "nonsense": 1})
    assert "there is no 'nonsense'" in build.messages  # the only name that is refused


def test_every_parameter_has_an_illegal_value_among_these():
    parameters = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    tried = {name for variables, message in ILLEGAL for name in variables if name in message}
    assert set(parameters) - tried == set()
