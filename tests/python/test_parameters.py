"""Parameters: an illegal one stops the run before any table changes, and the message says what to do."""

import re

import pytest
from conftest import PROJECT

from ipre.run.parameters import NAMES, PAGE, PARAMETERS, changes, check_parameters, defaults, page
from ipre.run.warehouse import Refused

# What a parameter must be -> parameter -> values that it must not have.
MUST_BE = {
    "a number from 0 to 1": {
        "min_support": [5, "0.05"], "confidence_weight": [1.5], "support_weight": [-0.1], "recency_weight": [-0.2],
        "max_rejected_share": [1.01], "min_reorder_chance": [-0.1], "max_rows_lost": [2],
        "max_places_changed": [30],
    },
    "a number from 0 to 0.5": {"holdout_share": [0.6, -0.1, "a tenth", float("inf"), True]},
    "a number, 0 or more": {
        "rating_multiplier_high": [-1.2], "rating_multiplier_medium": ["1"], "rating_multiplier_low": [-1],
        "min_final_score": [float("nan"), float("inf")], "max_rows_gained": [-1],
    },
    "a whole number, 1 or more": {
        "max_clusters_per_segment": [0], "min_customers_per_cluster": [0, True], "min_rule_customers": [2.5],
        "adoption_window_days": [0, 30.5], "passing_reason_days": [0], "recommendations_per_customer": [0],
    },
    "a whole number, 0 or more": {
        "max_per_l3_category": [-1, 1.5, None], "evaluation_days": [-1],
        "targets_per_product": [-1],
    },
    "a date, YYYY-MM-DD, or empty": {"as_of_date": ["31.12.2025", "2025-02-30"], "accept_jump_on": ["tonight", True]},
    "log or raw": {"clustering_transform": ["sqrt"]},
    "formula or learned": {"ranker": ["learnt"]},
    "true, false or managers": {"show_margins": ["yes"]},
    "a text, in quotes": {"holdout_salt": [2026, " ", None]},
    "an address, postgresql://user@host/database?schema=ipre, or empty": {"publish_to": [8]},
    "a folder, the address of an object store, or demo, in quotes": {"data_dir": [8]},
    "a list of product_ids": {"never_recommend": ["P1", {"P1": True}]},
    "a map, {table: schema.relation}": {"input_relations": ["sales.lines"]},
}  # fmt: skip
ILLEGAL = [
    *(
        ({name: value}, f"{name} must be {legal}; got '{value}'")
        for legal, parameters in MUST_BE.items()
        for name, values in parameters.items()
        for value in values
    ),
    ({"confidence_weight": 0.6}, "must add up to 1; they add up to 1.1"),
    ({"min_suport": 0.1}, "ipre has no parameter 'min_suport'; did you mean 'min_support'?"),
    ({"as_of_date": None}, "as_of_date is set but empty"),
    ({"as_of_date": ""}, "as_of_date is set but empty"),
    ({"data_dir": None}, "data_dir is set but empty. Give it a value or remove it"),
    ({"data_dir": " "}, "data_dir is set but empty"),
    ({"never_recommend": ["P1", 8]}, "never_recommend contains the number 8. Put every one of its product_ids in quo"),
    ({"never_recommend": [None]}, "never_recommend contains an empty value"),
    ({"never_recommend": [" "]}, "never_recommend contains an empty value"),
    ({"input_relations": {"invoice": "a.b"}}, "there is no input table 'invoice'; did you mean 'invoices'?"),
    ({"input_relations": {"invoices": None}}, "input_relations: invoices is an empty value. Write a name in quotes"),
    ({"input_relations": {"invoices": "a.b"}, "data_dir": "demo"}, "data_dir is demo, but input_relations names"),
    ({"input_databases": {"crm": 8}}, "input_databases: crm is the number 8. Write a name in quotes"),
    ({"input_columns": {"customers": "KUNNR"}}, "input_columns must be a map, {table: {column: its name there}}"),
    (
        {"input_columns": {"customers": {"customerid": "KUNNR"}}},
        "input_columns: customers has no column 'customerid'; did you mean 'customer_id'?",
    ),
    ({"input_columns": {"customers": {"customer_id": " "}}}, "of customers: customer_id is an empty value"),
]


@pytest.mark.parametrize(("variables", "message"), ILLEGAL)
def test_an_illegal_parameter_is_named_with_its_range_and_value(variables, message):
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        check_parameters(defaults() | variables, variables)
    assert str(refused.value).startswith(("ipre parameter: ", "ipre has no parameter ")) and "\n" not in str(
        refused.value
    )


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


def test_parameters_reach_models_in_sql(everything_build):
    """Those in Python: test_kmeans_clusters.py."""
    rows = everything_build.rows
    assert rows("select min(customers_with_both) from associations") == [(2,)]
    assert rows("select count(*) from list_positions join product_numbers using (product_number) "
                "where product_id in ('P04', 'P49')") == [(0,)]  # fmt: skip
    assert rows("select row_count, sentence from input_findings where kind like '%never_recommend'") == [
        (0, "products: never_recommend names P99, which is not a product_id.")
    ]
