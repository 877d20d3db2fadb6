"""What the adapter does of its own: it asks for Java in one line, words errors shortly, and runs Python models."""

import subprocess
import sys
from pathlib import Path

import pytest
from dbt.adapters.exceptions import FailedToConnectError
from dbt.adapters.sparksession.connections import SETTINGS, SessionCredentials, check_java, settings_of, without_plan


@pytest.fixture
def java(tmp_path, monkeypatch):
    """A Java whose version the test chooses."""

    def tell(version: str) -> None:
        program = tmp_path / "bin" / "java"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
        program.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    return tell


def test_without_java_one_line_says_what_to_install(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FailedToConnectError, match=r"Spark needs Java 17 or newer .*; there is no java on the PATH"):
        check_java()


def test_an_old_java_is_named(java):
    java("11.0.2")
    with pytest.raises(FailedToConnectError, match="is Java 11"):
        check_java()


def test_a_new_java_is_taken(java):
    java("21.0.1")
    check_java()


def test_the_answers_of_a_session_do_not_depend_on_the_profile(tmp_path):
    credentials = SessionCredentials(
        schema="main", master="local[2]", warehouse=str(tmp_path), settings={"spark.sql.ansi.enabled": "false", "a": 1}
    )
    settings = settings_of(credentials)
    assert settings.items() >= SETTINGS.items()
    assert settings["a"] == 1
    assert settings["spark.sql.warehouse.dir"] == f"{tmp_path}/tables"


def test_an_error_is_told_without_its_plan():
    text = (
        "[TABLE_OR_VIEW_NOT_FOUND] The table `a` cannot be found. SQLSTATE: 42P01; line 1 pos 14;\n'Project [*]\n+- x"
    )
    assert (
        without_plan(text) == "[TABLE_OR_VIEW_NOT_FOUND] The table `a` cannot be found. SQLSTATE: 42P01; line 1 pos 14"
    )


def test_a_python_model_gets_and_gives_tables_of_the_session_that_the_plugin_prepared(tmp_path):
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("{name: small, version: 1.0.0, profile: small}\n")
    (project / "profiles.yml").write_text(
        "small: {target: spark, outputs: {spark: {type: sparksession, master: 'local[1]', schema: small, warehouse: "
        f"'{tmp_path}/warehouse', plugin: small_plugin, module_paths: ['{project}']}}}}}}\n"
    )
    (project / "small_plugin.py").write_text(
        "def prepare(session):\n    session.udf.register('twice', lambda number: 2 * number, 'bigint')\n"
    )
    (project / "models" / "numbers.sql").write_text("select id as number from range(5)\n")
    (project / "models" / "squares.py").write_text(
        "def model(dbt, session):\n"
        "    numbers = dbt.ref('numbers').toPandas()\n"
        "    return numbers.assign(square=numbers['number'] ** 2)\n"
    )
    (project / "models" / "sums.sql").write_text("select sum(square) as total from {{ ref('squares') }}\n")
    for name in ("wrong", "right"):
        expected = {"wrong": 31, "right": 30}[name]
        (project / "tests").mkdir(exist_ok=True)
        (project / "tests" / "total.sql").write_text(
            f"select * from {{{{ ref('sums') }}}} where twice(total) <> {2 * expected}\n"
        )
        done = subprocess.run(
            [str(Path(sys.executable).parent / "dbt"), "build", "--profiles-dir", "."],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == (name == "right"), done.stdout[-3000:]
