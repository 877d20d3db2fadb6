"""The dbt unit tests judge the SQL: they hold whatever the parameters of the project are set to."""

import yaml
from conftest import PROJECT, dbt

DEFAULTS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
# Every number is another one; these have to fit together or into a range.
OTHER_NUMBERS = {
    **{name: value + 3 if isinstance(value, int) else value * 0.75
       for name, value in DEFAULTS.items() if isinstance(value, (int, float)) and not isinstance(value, bool)},
    "confidence_weight": 0.3, "support_weight": 0.3, "recency_weight": 0.4,
    "holdout_share": 0.2,
    "clustering_transform": "raw", "holdout_salt": "another", "never_recommend": ["P1", "P2"],
}  # fmt: skip


def test_every_unit_test_holds_with_every_switch_and_with_other_numbers(everything_build, small_build, tmp_path):
    """With every switch they are part of the build. The others ask the small warehouse what columns there are."""
    data = small_build.copy(tmp_path).data_dir
    others = dbt(tmp_path, "test", "--select", "test_type:unit", data_dir=data, variables=OTHER_NUMBERS)
    files = [yaml.safe_load(file.read_text()) for file in PROJECT.glob("models/**/*.yml")]
    written = {test["name"] for file in files for test in file.get("unit_tests", [])}
    builds = (everything_build, others)
    found = [{name: build.statuses[name] for name in written & set(build.statuses)} for build in builds]
    assert [name for statuses in found for name, status in statuses.items() if status != "pass"] == []
    assert len(written) > 50 and written == set().union(*found)
