"""The dbt unit tests judge the SQL: they hold whatever the parameters of the project are set to."""

import pytest
import yaml
from conftest import EVERYTHING, PROJECT, dbt

DEFAULTS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
# Every number is another one; these have to fit together or into a range.
OTHER_NUMBERS = {
    **{name: value + 3 if isinstance(value, int) else value * 0.75
       for name, value in DEFAULTS.items() if isinstance(value, (int, float)) and not isinstance(value, bool)},
    "confidence_weight": 0.3, "support_weight": 0.3, "recency_weight": 0.4,
    "holdout_share": 0.2,
    # Of the formula ranker alone, and the build that unit tests ask for columns is a learned one.
    "targets_per_product": 0,
    "clustering_transform": "raw", "holdout_salt": "another", "never_recommend": ["P1", "P2"],
}  # fmt: skip


@pytest.mark.parametrize("variables", [EVERYTHING, OTHER_NUMBERS], ids=["every switch", "other numbers"])
def test_unit_tests_hold_whatever_is_set(everything_build, tmp_path, variables):
    """They ask the warehouse what columns their inputs have."""
    data = everything_build.copy(tmp_path).data_dir
    tests = dbt(tmp_path, "test", "--select", "test_type:unit", data_dir=data, variables=variables)
    found = {name: status for name, status in tests.statuses.items() if not name.startswith("ipre-on-run-")}
    assert [name for name, status in found.items() if status != "pass"] == []
    assert len(found) > 50
