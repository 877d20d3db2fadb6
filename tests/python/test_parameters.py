"""Parameters: an illegal one stops the run before any table changes, and the message says what to do."""

import re

import pytest
from conftest import EVERYTHING, PROJECT, dbt

from ipre.run.parameters import NAMES, PAGE, PARAMETERS, changes, check_parameters, defaults, page
from ipre.run.warehouse import Refused

ILLEGAL = [
    ({"min_support": 5}, "min_support must be a number from 0 to 1; got '5'"),
    ({"min_support": "0.05"}, "min_support must be a number from 0 to 1"),
    ({"confidence_weight": 0.6}, "must be a sum of 1; got '1.1'"),
    ({"recency_weight": -0.2, "confidence_weight": 0.9}, "recency_weight must be a number from 0 to 1; got '-0.2'"),
    ({"max_clusters_per_segment": 0}, "max_clusters_per_segment must be a whole number, 1 or more; got '0'"),
    ({"min_rule_customers": 2.5}, "min_rule_customers must be a whole number, 1 or more; got '2.5'"),
    ({"min_customers_per_cluster": True}, "min_customers_per_cluster must be a whole number, 1 or more; got 'True'"),
    ({"rating_multiplier_low": -1}, "rating_multiplier_low must be a number, 0 or more; got '-1'"),
    ({"clustering_transform": "sqrt"}, "clustering_transform must be log or raw; got 'sqrt'"),
    ({"as_of_date": "31.12.2025"}, "as_of_date must be a date, YYYY-MM-DD, or empty; got '31.12.2025'"),
    ({"as_of_date": "2025-02-30"}, "as_of_date must be a date, YYYY-MM-DD, or empty; got '2025-02-30'"),
    ({"min_final_score": float("nan")}, "min_final_score must be a number, 0 or more; got 'nan'"),
    ({"min_final_score": float("inf")}, "min_final_score must be a number, 0 or more; got 'inf'"),
    ({"max_rejected_share": 1.01}, "max_rejected_share must be a number from 0 to 1; got '1.01'"),
    ({"holdout_share": 0.6}, "holdout_share must be a number from 0 to 0.5; got '0.6'"),
    ({"holdout_share": "a tenth"}, "holdout_share must be a number from 0 to 0.5; got 'a tenth'"),
    ({"holdout_share": float("inf")}, "holdout_share must be a number from 0 to 0.5; got 'inf'"),
    ({"holdout_salt": 2026}, "holdout_salt must be a text, in quotes; got '2026'"),
    ({"holdout_share": -0.1}, "holdout_share must be a number from 0 to 0.5; got '-0.1'"),
    ({"holdout_share": True}, "holdout_share must be a number from 0 to 0.5; got 'True'"),
    ({"holdout_salt": " "}, "holdout_salt must be a text, in quotes; got ' '"),
    ({"holdout_salt": None}, "holdout_salt must be a text, in quotes; got 'None'"),
    ({"adoption_window_days": 30.5}, "adoption_window_days must be a whole number, 1 or more; got '30.5'"),
    ({"max_per_l3_category": -1}, "max_per_l3_category must be a whole number, 0 or more; got '-1'"),
    ({"max_per_l3_category": 1.5}, "max_per_l3_category must be a whole number, 0 or more; got '1.5'"),
    ({"max_per_l3_category": None}, "max_per_l3_category must be a whole number, 0 or more; got 'None'"),
    ({"min_reorder_chance": -0.1}, "min_reorder_chance must be a number from 0 to 1; got '-0.1'"),
    ({"passing_reason_days": 0}, "passing_reason_days must be a whole number, 1 or more; got '0'"),
    ({"ranker": "learnt"}, "ranker must be formula or learned; got 'learnt'"),
    ({"evaluation_days": -1}, "evaluation_days must be a whole number, 0 or more; got '-1'"),
    ({"adoption_window_days": 0}, "adoption_window_days must be a whole number, 1 or more; got '0'"),
    ({"min_suport": 0.1}, "there is no 'min_suport'. Did you mean 'min_support'?"),
    ({"max_rows_lost": 2}, "max_rows_lost must be a number from 0 to 1; got '2'"),
    ({"accept_jump_on": "tonight"}, "accept_jump_on must be a date, YYYY-MM-DD, or empty; got 'tonight'"),
    ({"accept_jump_on": True}, "accept_jump_on must be a date, YYYY-MM-DD, or empty; got 'True'"),
    (
        {"publish_to": 8},
        "publish_to must be an address, postgresql://user@host/database?schema=ipre, or empty; got '8'",
    ),
    ({"never_recommend": "P1"}, "never_recommend must be a list of product_ids; got 'P1'"),
    ({"never_recommend": {"P1": True}}, "never_recommend must be a list of product_ids"),
    ({"never_recommend": ["P1", 8]}, "never_recommend holds '8', which is no text: put quotes around it"),
    ({"never_recommend": [None]}, "never_recommend holds 'None', which is no text: put quotes around it"),
    ({"never_recommend": [" "]}, "never_recommend holds ' ', which is no text: put quotes around it"),
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
    ({"max_places_changed": 30}, "max_places_changed must be a number from 0 to 1; got '30'"),
    ({"max_rows_gained": -1}, "max_rows_gained must be a number, 0 or more; got '-1'"),
    ({"rating_multiplier_high": -1.2}, "rating_multiplier_high must be a number, 0 or more; got '-1.2'"),
    ({"rating_multiplier_medium": "1"}, "rating_multiplier_medium must be a number, 0 or more; got '1'"),
    ({"min_customers_per_cluster": 0}, "min_customers_per_cluster must be a whole number, 1 or more; got '0'"),
    ({"targets_per_product": -1}, "targets_per_product must be a whole number, 0 or more; got '-1'"),
    ({"show_margins": "yes"}, "show_margins must be true, false or managers; got 'yes'"),
    ({"recommendations_per_customer": 0}, "recommendations_per_customer must be a whole number, 1 or more; got '0'"),
]


@pytest.mark.parametrize(("variables", "message"), ILLEGAL)
def test_an_illegal_parameter_is_named_with_its_range_and_value(variables, message):
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        check_parameters(defaults() | variables, variables)
    assert str(refused.value).startswith("ipre parameter: ") and "\n" not in str(refused.value)


def test_it_stops_a_run_before_any_table_changes(tmp_path):
    build = dbt(tmp_path, "run", variables={"min_suport": 0.1}, parsed_with={})
    assert not build.success
    assert "ipre parameter: there is no 'min_suport'. Did you mean 'min_support'?" in build.messages
    assert not any(status == "success" for name, status in build.statuses.items() if not name.startswith("ipre-"))


def test_what_stands_in_the_project_file_is_legal_and_may_be_given_for_a_run():
    parameters = defaults()
    assert set(parameters) == set(NAMES)
    check_parameters(parameters, {name: value for name, value in parameters.items() if value != ""})


def test_every_parameter_has_an_illegal_value_among_these():
    tried = {name for variables, message in ILLEGAL for name in variables if name in message}
    assert set(NAMES) - tried == set()


def test_a_date_may_come_as_yaml_makes_it_of_a_text_without_quotes():
    from datetime import date

    given = {"as_of_date": date(2025, 6, 30)}
    check_parameters(defaults() | given, given)


def test_the_page_is_written_from_the_parameters():
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_parameter_is_read_by_something():
    folders = [PROJECT / name for name in ("models", "macros", "python_models", "ipre", "tests/data")]
    read = "\n".join(
        file.read_text() for folder in folders for file in folder.rglob("*.*") if file.suffix in (".sql", ".py", ".yml")
    )
    listed = (PROJECT / "ipre" / "run" / "parameters.py").read_text()
    unread = [
        name for name in NAMES if len(re.findall(rf"\b{name}\b", read)) == len(re.findall(rf"\b{name}\b", listed))
    ]
    assert unread == []


def test_what_was_changed_on_purpose_is_told_of_parameters_that_move_numbers():
    before = defaults()
    now = before | {"min_support": 0.1, "max_rows_lost": 0.5, "data_dir": "/x", "holdout_salt": "other"}
    assert changes(before, now) == {
        "holdout_salt": 'holdout_salt was "ipre", is "other"',
        "min_support": "min_support was 0.05, is 0.1",
    }
    # A parameter that the run before did not know was not changed on purpose.
    del before["min_support"]
    assert list(changes(before, now)) == ["holdout_salt"]
    assert {one.name for one in PARAMETERS if one.moves_numbers} >= {"ranker", "never_recommend", "as_of_date"}


def test_parameters_reach_python_models(everything_build):
    """SQL reads them with var(): test_inputs.py builds with some."""
    meta = everything_build.manifest["nodes"]["model.ipre.kmeans_clusters"]["config"]["meta"]
    assert {name: meta[name] for name in meta if name in NAMES} == {
        "clustering_transform": EVERYTHING["clustering_transform"],
        "max_clusters_per_segment": 8,
        "min_customers_per_cluster": 30,
    }
