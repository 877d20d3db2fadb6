"""The macros call each other in one direction, each is described, and lists that two places need are the same."""

import re
from graphlib import CycleError, TopologicalSorter

import pytest
from conftest import PROJECT

from ipre.run.input_counts import JUDGED
from ipre.run.input_tables import input_tables
from ipre.run.warehouse import SCHEMAS

FOLDER = PROJECT / "macros"
DEFINITION = re.compile(r"{%-?\s*macro\s+(\w+)\s*\((.*?)\)\s*-?%}(.*?){%-?\s*endmacro\s*-?%}", re.DOTALL)

OF_AN_ENGINE = re.compile(r"(default|spark)__(\w+)")


def definitions() -> dict[str, dict[str, tuple[list[str], str]]]:
    """File -> macro -> its arguments and its body, without comments."""
    found = {}
    for file in sorted(FOLDER.glob("**/*.sql")):
        text = re.sub("{#.*?#}", "", file.read_text(), flags=re.DOTALL)
        found[file.stem] = {
            name: (re.findall(r"(\w+)(?:=[^,]*)?(?:,\s*|$)", arguments), body)
            for name, arguments, body in DEFINITION.findall(text)
        }
    return found


def test_the_files_call_each_other_in_one_direction():
    """In a ring of files none can be read, changed or tested without all the others."""
    files = definitions()
    home = {name: file for file, macros in files.items() for name in macros}
    calls = {
        file: {
            home[name]
            for _, body in macros.values()
            for name in re.findall(r"(?<![.\w])(\w+)\s*\(", body)
            if name in home and home[name] != file
        }
        for file, macros in files.items()
    }
    assert calls["run"] > {"checks", "engine"}, "no calls were found: does this test still read macros?"
    try:
        TopologicalSorter(calls).prepare()
    except CycleError as error:
        pytest.fail("macro files call each other in a ring: " + " -> ".join(reversed(error.args[1])))


def test_every_macro_is_described_where_it_stands():
    """What differs by engine is described once, where it is dispatched."""
    described = re.compile(r"-#}\n{%-?\s*macro\s+(\w+)")
    found = {name for file in FOLDER.glob("*.sql") for name in described.findall(file.read_text())}
    defined = {name for macros in definitions().values() for name in macros if not OF_AN_ENGINE.match(name)}
    assert len(defined) > 50
    assert not defined - found


def test_what_depends_on_the_engine_stands_in_one_file():
    """So that a model reads the same on every engine, and a new engine is one file's work."""
    files = definitions()
    assert [file for file, macros in files.items() if any(map(OF_AN_ENGINE.match, macros))] == ["engine"]
    spellings = {engine: set() for engine in ("default", "spark")}
    for name in files["engine"]:
        if found := OF_AN_ENGINE.match(name):
            spellings[found[1]].add(found[2])
    # The last two are dbt's, which has the default.
    assert spellings["spark"] - spellings["default"] == {"get_assert_columns_equivalent", "get_select_subquery"}
    assert spellings["default"] <= spellings["spark"]
    asked = re.compile(r"target[.]type|adapter[.](type|dispatch)\b")
    sql = [file for folder in ("macros", "models", "tests") for file in (PROJECT / folder).rglob("*.sql")]
    assert [file.name for file in sql if asked.search(file.read_text())] == ["engine.sql"]


@pytest.fixture(scope="module")
def manifest(demo_build) -> dict:
    return demo_build.manifest


def test_the_schemas_are_the_ones_that_no_warehouse_may_be_called(manifest):
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    used = {node["schema"] for node in nodes if node["resource_type"] in ("model", "seed", "source")}
    assert used | {"information_schema"} == set(SCHEMAS)


def test_the_input_tables_are_the_same_wherever_they_are_listed(manifest):
    """models/staging/inputs.yml says what they are; dbt wants their names before it has read that."""
    nodes = manifest["nodes"].values()
    seeds = {node["name"] for node in nodes if node["resource_type"] == "seed"}
    models = {node["name"] for node in nodes if node["resource_type"] == "model"}
    tables = input_tables()
    bodies = definitions()["inputs"]
    export, others = (re.findall(r'"(\w+)"', bodies[name][1]) for name in ("export_tables", "judged_tables"))
    assert [*export, *others] == list(tables) == list(JUDGED)
    assert seeds == set(export) == {name for name, one in tables.items() if one.in_demo and not one.from_rating_store}
    assert set(JUDGED.values()) <= models


@pytest.mark.parametrize(
    ("exposure", "folders"),
    [("account_managers_app", ["app", "ipre/serving.py"]),
     ("worksheets", ["ipre/worksheets", "ipre/serving.py"])],
)  # fmt: skip
def test_an_exposure_lists_what_its_code_reads(manifest, exposure, folders):
    published = {node["name"] for node in manifest["nodes"].values() if node["config"].get("meta", {}).get("published")}
    # A parameter switches it off, and nothing may then name it.
    published -= {"product_targets"}
    files = [
        file
        for place in folders
        for file in ([PROJECT / place] if place.endswith(".py") else (PROJECT / place).rglob("*.py"))
    ]
    code = "\n".join(file.read_text() for file in files)
    # In a query, or handed to one by name.
    named = {name for pair in re.findall(r"\b(?:from|join) (\w+)|\"(\w+)\"", code) for name in pair}
    [listed] = [one["depends_on"]["nodes"] for one in manifest["exposures"].values() if one["name"] == exposure]
    # model.ipre.final_recommendations.v1, source.ipre.run_log.build_runs
    assert {re.sub(r"\.v[0-9]+$", "", node).split(".")[-1] for node in listed} == named & {
        *published,
        "build_runs",
        "build_run_rows",
    }
