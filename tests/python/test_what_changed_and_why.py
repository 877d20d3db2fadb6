"""What run_comparison and recommendation_changes say of a run, case by case (cases/*.yml).

Their steps are ephemeral, which dbt's own unit tests do not see through.
"""

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
    """A model's SQL as dbt compiles it with the defaults or, once, with the parameters of all cases that have some."""
    folders = {False: demo_build.warehouse.parent}

    def sql(model: str, with_parameters: bool) -> str:
        if with_parameters not in folders:
            folders[True] = tmp_path_factory.mktemp("compiled")
            variables = {name: value for _, case in CASES.values() for name, value in case.variables.items()}
            build = dbt(folders[True], "compile", "--select", "package:ipre,monitoring", variables=variables)
            assert build.success, build.messages
        folder = folders[with_parameters] / "target" / "compiled" / "ipre" / "models" / "monitoring"
        return (folder / f"{model}.sql").read_text()

    return sql


@pytest.mark.parametrize("name", CASES)
def test_case(name, compiled, columns):
    model, case = CASES[name]
    found = model_cases.differences(compiled(model, bool(case.variables)), case, columns)
    assert not any(found.values()), found
