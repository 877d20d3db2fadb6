"""What run_comparison and recommendation_changes say of a night, case by case (cases/*.yml).

Their steps are ephemeral, which dbt's own unit tests do not see through.
"""

import json

import model_cases
import pytest
from conftest import dbt

CASES = {
    name: (model, case)
    for model in ("run_comparison", "recommendation_changes")
    for name, case in model_cases.load(model).items()
}


@pytest.fixture(scope="module")
def columns(demo_build) -> dict[tuple[str, str], str]:
    """Columns of every table of the demo's warehouse, as SQL."""
    return {
        (schema, table): described
        for schema, table, described in demo_build.rows(
            "select table_schema, table_name, string_agg(column_name || ' ' || data_type, ', ') "
            "from information_schema.columns where table_catalog = 'ipre' group by all"
        )
    }


@pytest.fixture(scope="module")
def compiled(demo_build, tmp_path_factory):
    """A model's SQL as dbt compiles it with some parameters."""
    folders = {"{}": demo_build.warehouse.parent}

    def sql(model: str, variables: dict) -> str:
        key = json.dumps(variables, sort_keys=True)
        if key not in folders:
            folders[key] = tmp_path_factory.mktemp("compiled")
            build = dbt(folders[key], "compile", "--select", "package:ipre,monitoring", variables=variables)
            assert build.success, build.messages
        return (folders[key] / "target" / "compiled" / "ipre" / "models" / "monitoring" / f"{model}.sql").read_text()

    return sql


@pytest.mark.parametrize("name", CASES)
def test_case(name, compiled, columns):
    model, case = CASES[name]
    found = model_cases.differences(compiled(model, case.variables), case, columns)
    assert not any(found.values()), found
