"""Names of files, environment variables, profiles, and commands other than a build: they work, or say in one line why
not and what to do."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
import yaml
from conftest import PROJECT, Build, built, dbt
from dbt.adapters.duckdb.credentials import DuckDBCredentials

import ipre.run
from ipre.run.environment import VARIABLES, check_environment
from ipre.run.warehouse import Refused, open_warehouse, remove_spilled_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """One folder for all dbt commands here, because dbt parses anew for every other one."""
    return tmp_path_factory.mktemp("names")


def says_in_one_line(build: Build, text: str) -> bool:
    """Whether the command failed with this text as one line of its last message, and without a traceback."""
    assert not build.success
    assert "Traceback" not in build.messages
    return any(text in line for line in build.messages.splitlines())


def opened(path: str | Path) -> duckdb.DuckDBPyConnection:
    return open_warehouse(str(path), DuckDBCredentials.path_derived_database_name(path), {})


@pytest.mark.parametrize(
    "name",
    ["my.db.duckdb", "select.duckdb", "two words", "1st.duckdb", "ü.db", ".hidden", "100%20.db", "[a]*.db", "{{x}}",
     "a.o'neil", "memory.db", "ipre_serving.duckdb", "123"],
)  # fmt: skip
@pytest.mark.parametrize("parent", [".", "a;b [x]* q'\" {y} $HOME"])
def test_a_warehouse_may_have_nearly_any_name(tmp_path, parent, name):
    path = tmp_path / parent / name
    path.parent.mkdir(exist_ok=True)
    with opened(path) as connection:
        connection.execute("create schema build; create table build.x as select 1 as x")
    with opened(path) as connection:
        assert connection.execute("from build.x").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("build.duckdb", "has the same name as the schema build in it. Set IPRE_WAREHOUSE to another file"),
        ("Main.db", "has the same name as the schema main in it"),
        ("INPUT", "has the same name as the schema input in it"),
        ("helpers.2.duckdb", "has the same name as the schema helpers in it"),
        ("information_schema", "has the same name as the schema information_schema in it"),
        ("system.duckdb", "has the same name as DuckDB's own database system"),
        ("SYSTEM", "has the same name as DuckDB's own database system"),
        ("temp.db", "has the same name as DuckDB's own database temp"),
        ("serving.db", "has the same name as DuckDB's own database serving"),
        ("o'neil.duckdb", "has a quote or a backslash in its file name, which dbt does not accept"),
        ('5" pipe.duckdb', "has a quote or a backslash in its file name"),
        ("a\\b.duckdb", "has a quote or a backslash in its file name"),
        ("what?/ipre.duckdb", "contains a ?, a # or a control character, which dbt cannot open"),
        ("C#/ipre.duckdb", "a symbolic link to its folder helps. Set IPRE_WAREHOUSE"),
        ("ipre#2.duckdb", "contains a ?, a # or a control character"),
        ("a\tb.duckdb", "'a\\tb.duckdb' contains a ?, a # or a control character"),
        ("a;b.duckdb", "DuckDB calls the database in a;b.duckdb 'a;b', but dbt calls it 'a'"),
        ("md:ipre", "is not a file on this machine"),
        ("s3://bucket/ipre.duckdb", "is not a file on this machine"),
        ("sqlite:ipre.db", "is not a file on this machine"),
        (":memory:", "is not a file on this machine"),
        (".", "is a folder. Set IPRE_WAREHOUSE to another file"),
        ("missing/ipre.duckdb", "the folder missing of IPRE_WAREHOUSE does not exist"),
    ],
)
def test_a_warehouse_that_dbt_or_duckdb_would_take_for_another_is_refused(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        opened(path)
    assert "\n" not in str(refused.value) and str(refused.value).startswith("ipre warehouse: ")
    assert list(tmp_path.iterdir()) == []


def test_a_path_in_which_dbt_finds_no_database_is_refused_by_its_name(folder):
    refused = dbt(folder / "unnamed", "run", IPRE_WAREHOUSE="/?/ipre.duckdb")
    assert says_in_one_line(refused, "ipre warehouse: /?/ipre.duckdb ")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("IPRE_DATADIR", "/x", "variable IPRE_DATADIR; did you mean IPRE_DATA_DIR?"),
        ("ipre_warehouse", "/x", "variable ipre_warehouse; did you mean IPRE_WAREHOUSE?"),
        ("IPRE_MEMORY", "1GB", "did you mean IPRE_MEMORY_LIMIT?"),
        ("IPRE_X", "1", "ipre does not know the environment variable IPRE_X; did you mean "),
        *[(name, value, f"{name} is set but empty. Give it a value or") for name in VARIABLES for value in ("", " ")],
        *[("IPRE_MEMORY_LIMIT", value, "must be a size such as 3GB or 500MB; got ") for value in
          ("3", "80%", "-1GB", "0GB", "much", "3GB\n", "10kB")],
        *[(name, value, f"{name} must be a whole number from 1 to 999; got '{value}'.")
          for name in ("IPRE_THREADS", "IPRE_DUCKDB_THREADS") for value in ("0", "-1", "2.5", "two", "100000", "1; x")],
    ],
)  # fmt: skip
def test_an_environment_variable_that_is_empty_illegal_or_misspelt_is_refused(monkeypatch, name, value, message):
    for known in VARIABLES:
        monkeypatch.delenv(known, raising=False)
    check_environment()
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        check_environment()
    assert "\n" not in str(refused.value)


def test_legal_environment_variables_are_accepted(monkeypatch):
    for name, value in {"IPRE_MEMORY_LIMIT": "1.5 GiB", "IPRE_THREADS": "1", "IPRE_DUCKDB_THREADS": "16"}.items():
        monkeypatch.setenv(name, value)
    check_environment()
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1.5 GiB'")


@pytest.mark.parametrize(("name", "value"), [("IPRE_DATADIR", "x"), ("IPRE_THREADS", "0"), ("IPRE_THREADS", "many")])
def test_it_is_refused_before_the_warehouse_is_opened(monkeypatch, name, value):
    """dbt-duckdb makes the plugin before it connects."""
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=name):
        ipre.run.Plugin("ipre", {}, SimpleNamespace(path="nowhere/ipre.duckdb"))


def test_a_warehouse_uses_as_many_cores_as_it_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("IPRE_DUCKDB_THREADS", "3")
    plugin = ipre.run.Plugin("ipre", {"TimeZone": "UTC"}, SimpleNamespace(path=str(tmp_path / "x.db"), database="x"))
    plugin.update_connection_config(plugin.creds, {})
    with duckdb.connect(str(tmp_path / "x.db")) as connection:
        plugin.configure_connection(connection)
        assert connection.execute("select current_setting('threads')").fetchall() == [(3,)]
        connection.execute("set TimeZone = 'Asia/Tokyo'")
        plugin.configure_cursor(connection)
        assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_duckdb_gets_half_of_the_memory_or_what_it_is_given_and_spills_beside_the_warehouse(monkeypatch, tmp_path):
    def in_force(config):
        plugin = ipre.run.Plugin("ipre", config, SimpleNamespace(path=str(tmp_path / "x.db"), database="x"))
        plugin.update_connection_config(plugin.creds, {})
        with plugin.first_connection as connection:
            plugin.configure_cursor(connection)
            [(limit, folder)] = connection.execute(
                "select current_setting('memory_limit'), current_setting('temp_directory')"
            ).fetchall()
        assert folder == str(tmp_path / "x.db.tmp")
        return limit

    monkeypatch.delenv("IPRE_MEMORY_LIMIT", raising=False)
    with duckdb.connect() as connection:
        [(duckdbs_own,)] = connection.execute("select current_setting('memory_limit')").fetchall()
    # That is 80 % of the memory of the machine or the container.
    (limit, unit), (own, own_unit) = in_force({}).split(), duckdbs_own.split()
    assert unit == own_unit and float(limit) / float(own) == pytest.approx(0.5 / 0.8, rel=0.02)
    monkeypatch.setenv("IPRE_MEMORY_LIMIT", "1.5GiB")
    assert in_force({}) == "1.5 GiB"
    assert in_force({"memory_limit": "1GiB"}) == "1.0 GiB"


def test_what_a_killed_process_spilled_or_copied_is_cleared(tmp_path):
    spilled = tmp_path / "[a].duckdb.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    copied = tmp_path / "[a].duckdb.input_x" / "invoices.csv"
    for left in (spilled, copied):
        left.parent.mkdir()
        left.write_bytes(b"left behind")
    remove_spilled_files(str(tmp_path / "[a].duckdb"))
    assert not spilled.exists() and not copied.parent.exists()


def test_while_another_process_has_the_warehouse_it_is_refused_with_its_holder(tmp_path):
    path = tmp_path / "ipre.duckdb"
    opened(path).close()
    code = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True); print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as reader:
        reader.stdout.readline()
        with pytest.raises(
            Refused, match=re.escape(f"ipre warehouse: {path} is in use by process {reader.pid} (python")
        ):
            opened(path)
        reader.kill()
    opened(path).close()


def test_every_environment_variable_that_the_project_reads_is_known_and_described():
    files = [*PROJECT.glob("macros/*.sql"), *PROJECT.glob("models/**/*.*"), PROJECT / "profiles.yml"]
    files += [PROJECT / "dbt_project.yml"]
    read = {name for file in files for name in re.findall(r"env_var\(.(IPRE_\w+)", file.read_text())}
    # A run, the app and the store of ratings read theirs in Python.
    programs = [file for place in ("app", "dashboards", "ipre") for file in (PROJECT / place).rglob("*.py")]
    asked = re.compile(r'(?:VARIABLE = |environ\.get\()"(IPRE_\w+)"')
    read |= {name for file in programs for name in asked.findall(file.read_text())}
    described = set(re.findall(r"^\| `(IPRE_\w+)` \|", (PROJECT / "docs" / "parameters.md").read_text(), re.MULTILINE))
    assert read == described == set(VARIABLES)


def profile(folder: Path, text: str) -> Path:
    (folder / "profile").mkdir(exist_ok=True)
    (folder / "profile" / "profiles.yml").write_text(text)
    return folder / "profile"


@pytest.mark.parametrize("plugins", ["", ", plugins: [{module: ipre.run, alias: ipre}]"])
def test_a_profile_of_ones_own_without_the_plugin_is_told_what_to_add(folder, plugins):
    own = f"ipre: {{target: mine, outputs: {{mine: {{type: duckdb, path: {folder}/own.duckdb{plugins}}}}}}}"
    refused = dbt(folder / "own", "run", "--profiles-dir", str(profile(folder, own)))
    assert says_in_one_line(
        refused,
        f"ipre: the output 'mine' of the profile in {folder}/profile lacks ipre's plugin. Add to it: module_paths: "
        "[.], plugins: [{module: ipre.run, alias: ipre, config: {TimeZone: UTC}}]; or take the "
        "project's",
    )


@pytest.mark.parametrize("where", ["elsewhere", "in the project's folder"])
def test_the_package_is_found_wherever_dbt_and_a_copy_of_its_profile_are(folder, where):
    """dbt-duckdb imports it."""
    profiles = profile(folder, (PROJECT / "profiles.yml").read_text())
    options = {"project-dir": PROJECT, "profiles-dir": profiles, "log-path": folder / "logs"}
    done = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "debug"],
        cwd=PROJECT if where == "in the project's folder" else folder,
        env={**os.environ, "IPRE_WAREHOUSE": str(folder / "copy.duckdb"), "PYTHONPATH": ""}
        | {f"DBT_{name.replace('-', '_').upper()}": str(path) for name, path in options.items()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_dev_target_builds_beside_what_readers_see():
    """Its folder for published files is of its own, too (test_runs.py)."""
    outputs = yaml.safe_load((PROJECT / "profiles.yml").read_text())["ipre"]["outputs"]

    def path(target: str, **variables: str) -> str:
        environment = jinja2.Environment()
        environment.globals |= {"env_var": lambda name, default: variables.get(name, default)}
        environment.globals |= {"modules": SimpleNamespace(re=re)}
        return environment.from_string(outputs[target]["path"]).render().strip()

    assert path("warehouse") == "warehouse/ipre.duckdb" and path("dev") == "warehouse/dev.duckdb"
    assert path("dev", IPRE_WAREHOUSE="/srv/x.duckdb") == "/srv/x.duckdb"
    # Where dbt finds no database; ipre then says so (check_path).
    assert {path("warehouse", IPRE_WAREHOUSE=name) for name in ("/what?/x.duckdb", "#", "./")} == {":memory:"}


def test_in_a_bare_clone_documents_are_made_and_a_test_says_to_build_first(folder):
    bare = folder / "bare"
    built(bare, "docs", "generate", "--static", "--write-json")
    page = (bare / "target" / "static_index.html").read_text()
    assert "final_recommendations" in page and (bare / "target" / "compiled").is_dir()
    refused = dbt(bare, "test")
    assert says_in_one_line(refused, "ipre: this command needs tables that are not built yet: ")
    assert says_in_one_line(refused, "Run `dbt build`.")
    assert not refused.statuses


def test_every_properties_file_reads_the_same_with_every_loader():
    """YAML 1.1 and 1.2 take `yes`, `012` or `2024-01-01` for different things, and loaders differ over `a?`."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    newer = {
        "null": "null|Null|NULL|~|",
        "bool": "true|True|TRUE|false|False|FALSE",
        "int": "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        "float": r"[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?[.](inf|Inf|INF)|[.](nan|NaN|NAN)",
    }
    listed = subprocess.run(["git", "ls-files", "*.yml"], cwd=PROJECT, capture_output=True, text=True, check=True)
    files = [file for file in listed.stdout.split() if "/cases/" not in file]  # Read by tests alone.
    assert len(files) > 15
    for file in files:
        text = (PROJECT / file).read_text()
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, yaml.CSafeLoader), file
        for token in yaml.scan(text, yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.plain:
                value = token.value
                older = [tag.split(":")[-1] for tag, form in resolvers.get(value[:1], []) if form.match(value)]
                newer_kinds = [kind for kind, form in newer.items() if re.fullmatch(form, value)]
                place = f"{file}, line {token.start_mark.line + 1}: quote {value}"
                assert (older or ["str"])[0] == (newer_kinds or ["str"])[0], place
                assert value.lower() not in ("y", "n"), place
