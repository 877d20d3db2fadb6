"""The dbt unit tests judge the SQL: they hold whatever the parameters of the project are set to."""

import pytest
import yaml
from conftest import PROJECT, Build, dbt
from impact_world import background, write_world

DEFAULTS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
# A data set of 80 customers has tables for all switches at once.
EVERYTHING = {"ranker": "learned", "as_of_date": "2025-06-01", "holdout_share": 0.3, "max_per_l3_category": 2}
# Every number is another one; these have to fit together or into a range.
OTHER_NUMBERS = {
    **{name: value + 3 if isinstance(value, int) else value * 0.75
       for name, value in DEFAULTS.items() if isinstance(value, (int, float)) and not isinstance(value, bool)},
    "confidence_weight": 0.3, "support_weight": 0.3, "recency_weight": 0.4,
    "holdout_share": 0.2, "lost_from": 1.7,
    "clustering_transform": "raw", "holdout_salt": "another", "never_recommend": ["P1", "P2"],
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Build:
    """Unit tests ask the warehouse what columns their inputs have."""
    folder = tmp_path_factory.mktemp("unit_tests")
    data = write_world(folder / "data", background(), [])
    build = dbt(folder / "build", "run", data_dir=data, variables=EVERYTHING)
    assert build.success, build.messages
    return build


@pytest.mark.parametrize(
    "variables",
    [EVERYTHING, {"ranker": "learned"}, OTHER_NUMBERS],
    ids=["every switch", "learned", "other numbers"],
)
def test_unit_tests_hold_whatever_is_set(tables, variables):
    folder, data = tables.warehouse.parent, tables.data_dir
    tests = dbt(folder, "test", "--select", "test_type:unit", data_dir=data, variables=variables)
    found = {name: status for name, status in tests.statuses.items() if not name.startswith("ipre-on-run-")}
    assert [name for name, status in found.items() if status != "pass"] == []
    assert len(found) > 50
