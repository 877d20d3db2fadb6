"""The sources of data: the same rows, checks and messages, whatever a table is read from."""

import functools
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import fsspec
import pytest
import staged
from conftest import dbt
from input_files import ALL, CUSTOMERS, FEEDBACK, INVOICES, write_files

from ipre.run.input_databases import checked_url, engine_of, text_of_cell
from ipre.run.input_tables import input_tables
from ipre.run.inputs import InputSettings
from ipre.run.warehouse import quoted

# Texts that a source could lose or change; what is right and what is rejected is staging's business.
ODD_ROWS = {
    **ALL,
    "customers": [*CUSTOMERS, ["", "No id", "North", "Painting"], [" 009\u200b", "  Núñez, 屋根 ", "#N/A", "4E+12"]],
    "invoices": [*INVOICES, ["X10", "001", "P1", "2-", "2205-03-01"], ["X11", "001", "P1", "1\n2", ""], INVOICES[1]],
    "feedback": FEEDBACK,
}


def load(connection, tables: dict, schema: str = "", mark: str = "?", kind: str = " text") -> None:
    """Write tables into a database, into a new schema where one is given. mark, kind: its words for a value, a text."""
    if schema:
        connection.execute(f"create schema {schema}")
    for name, (header, *rows) in tables.items():
        table = f"{schema}.{name}" if schema else name
        connection.execute(f"create table {table} ({', '.join(f'{quoted(column)}{kind}' for column in header)})")
        connection.cursor().executemany(f"insert into {table} values ({', '.join([mark] * len(header))})", rows)


def load_sqlite(path: Path, tables: dict = ODD_ROWS) -> None:
    """Write tables into a SQLite file, which binds no type to a column."""
    with sqlite3.connect(path) as connection:
        load(connection, tables, kind="")
    connection.close()


def relations(schema: str, tables=ODD_ROWS) -> dict[str, str]:
    return {table: f"{schema}.{table}" for table in tables}


def upload(folder: Path, address: str) -> str:
    """Upload the files of a folder, and give the address."""
    store, root = fsspec.url_to_fs(address)
    for file in folder.iterdir():
        store.pipe_file(f"{root}/{file.name}", file.read_bytes())
    return address


def read(
    connection: duckdb.DuckDBPyConnection, renamed: dict | None = None, data_dir="", **settings
) -> dict[str, list]:
    """Read by these settings; return the required columns of what was read, in its order."""
    settings = {"relations": {}, "databases": {}, **settings}
    staged.read(connection, InputSettings(data_dir=str(data_dir), **settings), renamed)
    tables = [table.named(renamed or {}) for table in input_tables().values() if not table.from_rating_store]
    return {
        table.name: connection.execute(
            f"select {', '.join(map(quoted, table.required))} from input.{table.name} order by rowid"
        ).fetchall()
        for table in tables
    }


message = functools.partial(staged.refusal, read)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the tiny distributor in the schema `erp`."""
    with duckdb.connect() as connection:
        load(connection, ALL, "erp")
        yield connection


FROM_ERP = relations("erp", ALL)


STORES = ["memory:///exports", pytest.param("s3://exports", marks=pytest.mark.slow)]


@pytest.fixture
def may_read(request, monkeypatch) -> Iterator[None]:
    """The rights of somebody who may read and write the stores."""
    if "s3" in request.node.name:
        for name, value in request.getfixturevalue("store").items():
            monkeypatch.setenv(name, value)
    yield
    fsspec.filesystem("memory").store.clear()


# --- every kind of source --------------------------------------------------------------------------------------


def parquet(folder: Path) -> Path:
    """Make Parquet files of CSV files."""
    for file in folder.glob("*.csv"):
        duckdb.read_csv(str(file), all_varchar=True).write_parquet(str(file.with_suffix(".parquet")))
        file.unlink()
    return folder


def from_source(kind: str, request, warehouse, folder: Path) -> dict:
    """Put the odd rows into a source of a kind; return the settings."""
    match kind:
        case "parquet":
            return {"data_dir": parquet(write_files(folder, **ODD_ROWS))}
        case "warehouse":
            load(warehouse, ODD_ROWS, '"erp export"')
            return {"relations": relations('"erp export"')}
        case "attached":
            warehouse.execute(f"attach '{folder}.duckdb' as crm")
            load(warehouse, ODD_ROWS, "crm.export")
            return {"relations": relations("crm.export")}
        case "sqlite":
            load_sqlite(folder.with_suffix(".db"))
            return {"relations": relations("crm.main"), "databases": {"crm": f"sqlite:{folder}.db"}}
        case "postgresql":
            address = request.getfixturevalue("postgres")
            with pytest.importorskip("psycopg").connect(address) as connection:
                load(connection, ODD_ROWS, "odd", mark="%s")
            return {"relations": relations("pg.odd"), "databases": {"pg": address}}
    return {"data_dir": upload(write_files(folder, **ODD_ROWS), f"{kind}/a [b]*")}


@pytest.mark.parametrize(
    "kind",
    ["parquet", "warehouse", "attached", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow), *STORES],
)
@pytest.mark.usefixtures("may_read")
def test_every_kind_of_source_gives_the_rows_that_csv_files_give(tmp_path, warehouse, request, kind):
    def rows_of(**settings) -> dict[str, list]:
        # A CSV file's empty value is null; to staging both are the same.
        read_rows = read(warehouse, **settings).items()
        return {table: [tuple(value or "" for value in row) for row in rows] for table, rows in read_rows}

    expected = rows_of(data_dir=write_files(tmp_path / "csv", **ODD_ROWS))
    assert len(expected["invoices"]) == len(ODD_ROWS["invoices"]) - 1
    found = rows_of(**from_source(kind, request, warehouse, tmp_path / "data"))
    # Nobody knows in what order a server has its rows.
    assert found == ({name: sorted(rows) for name, rows in expected.items()} if kind == "postgresql" else expected)


def test_a_run_from_several_sources_and_under_other_names_stops_before_any_list_is_made(tmp_path):
    """SAP's names in SQLite, and the rest from files; one id is used for two customers."""
    header, *rows = CUSTOMERS
    names = dict(zip(header, ["KUNNR", "NAME1", "REGIO", "BRSCH"], strict=True))
    load_sqlite(tmp_path / "sap.db", {"KNA1": [list(names.values()), *rows, ["001", "Another 1", "South", "Roofing"]]})
    data = write_files(tmp_path / "data")
    (data / "customers.csv").write_text("this is not read")
    settings = {
        "input_relations": {"customers": "sap.main.KNA1"},
        "input_databases": {"sap": f"sqlite:{tmp_path / 'sap.db'}"},
        "input_columns": {"customers": names},
    }
    build = dbt(tmp_path / "build", "run", "--select", "+as_of", "+purchases", data_dir=data, variables=settings)
    assert not build.success and "Traceback" not in build.messages
    # One of dbt's own events puts a full stop behind it.
    said = [line.strip().rstrip(".") for line in build.messages.splitlines()]
    [line] = {line for line in said if line.startswith("ipre input: ")}
    assert (
        "customers: 2 rows have the id 001 and contradict each other in customer_name (Another 1, Customer 1), region "
        "(North, South), end_use (Painting, Roofing); one of them was kept" in line
    )
    assert (build.statuses["as_of"], build.statuses["purchases"]) == ("error", "skipped")
    logged = "select outcome, data_kind, data_door, reason, parameters from build_runs"
    [(*noted, reason, parameters)] = build.rows(logged, "main")
    assert noted == ["failed", "own", "files, relations"] and reason.rstrip(".") == f"model as_of: {line}"
    assert "sap.main.KNA1" in parameters and str(tmp_path) not in parameters


def test_the_run_log_says_which_kinds_of_sources_were_read():
    tables = [name for name, table in input_tables().items() if not table.from_rating_store]
    assert InputSettings("", {}, {}).words(tables) == "demo"
    assert InputSettings("s3://b/f", {}, {}).words(tables) == "object store"
    assert InputSettings("/f", relations("erp", tables), {}).words(tables) == "relations"


# --- one kind at a time ----------------------------------------------------------------------------------------


def test_rows_of_a_view_have_the_same_numbers_in_every_order(tmp_path, warehouse):
    warehouse.execute("create view erp.forward as from erp.invoices order by invoice_id, product_id")
    warehouse.execute("create view erp.backward as from erp.invoices order by invoice_id desc, product_id desc")
    read_rows = [
        read(warehouse, relations={**FROM_ERP, "invoices": f"erp.{name}"})["invoices"]
        for name in ("forward", "backward")
    ]
    assert read_rows[0] == read_rows[1] and len(read_rows[0]) == len(INVOICES) - 1


def test_a_table_with_a_column_called_rowid_is_read_in_an_order_of_its_own(tmp_path, warehouse):
    warehouse.execute("alter table erp.customers add column rowid integer")
    assert len(read(warehouse, relations=FROM_ERP)["customers"]) == len(CUSTOMERS) - 1


TYPED = """
    select * from (values
        (1::bigint, 17850.0::double, 'P1', 2.5::decimal(18, 3), timestamp '2024-03-01 10:00:00'),
        (2, 9007199254740993, 'P2', 1, timestamp '2024-03-02'),
        (3, null, 'P3', -3, null)
    ) as lines (invoice_id, customer_id, product_id, quantity, invoice_date)
"""
TYPED_TEXTS = [
    ("1", "17850", "P1", "2.500", "2024-03-01 10:00:00"),
    ("2", "9.007199e+15", "P2", "1.000", "2024-03-02 00:00:00"),
    ("3", None, "P3", "-3.000", None),
]


def test_numbers_and_dates_of_a_relation_become_the_text_that_a_file_would_have(warehouse):
    warehouse.execute(f"create table erp.lines as {TYPED}")
    assert read(warehouse, relations={**FROM_ERP, "invoices": "erp.lines"})["invoices"] == TYPED_TEXTS


@pytest.mark.slow
def test_those_of_postgresql_do_too(warehouse, postgres):
    import psycopg

    with psycopg.connect(postgres) as connection:
        typed = TYPED.replace("double", "double precision").replace("decimal(18, 3)", "numeric(18, 3)")
        connection.execute("create schema typed")
        connection.execute(f"create table typed.lines as {typed}")
        connection.execute("alter table typed.lines alter quantity type numeric(18, 3)")
    relations = {**FROM_ERP, "invoices": "pg.typed.lines"}
    assert read(warehouse, relations=relations, databases={"pg": postgres})["invoices"] == TYPED_TEXTS


def test_values_of_sqlite_become_the_text_that_a_file_would_have(tmp_path, warehouse):
    """A number, a text and bytes may stand in one column."""
    rows = [
        [1, 17850.0, b"P1", 2.5, "2024-03-01"],
        ["I2", 9007199254740993.0, "P2", 1, "2024-03-02"],
        [3, "0017", "P3", 1e16, None],
    ]
    load_sqlite(tmp_path / "erp.db", {"lines": [INVOICES[0], *rows]})
    lines = read(
        warehouse,
        relations={**FROM_ERP, "invoices": "db.main.lines"},
        databases={"db": f"sqlite:{tmp_path / 'erp.db'}"},
    )["invoices"]
    assert lines == [
        ("1", "17850", "P1", "2.5", "2024-03-01"),
        ("I2", "9.007199e+15", "P2", "1", "2024-03-02"),
        ("3", "0017", "P3", "1e+16", None),
    ]


def test_values_of_any_driver_become_texts():
    """Of kinds of databases that no test meets: what their drivers hand over."""
    half_past = datetime(2024, 3, 1, 10, 30)
    for value, text in {
        Decimal("1E+3"): "1000",
        True: "true",
        date(2024, 3, 1): "2024-03-01",
        half_past: "2024-03-01 10:30:00",
        half_past.replace(tzinfo=timezone(timedelta(hours=2))): "2024-03-01 10:30:00+02:00",
        memoryview("Größe".encode()): "Größe",
        float("nan"): "nan",
    }.items():
        assert text_of_cell(value, is_id=False) == text
    for value, text in {Decimal("17850.00"): "17850", 1.5: "1.5", float("nan"): None, "17.0": "17.0"}.items():
        assert text_of_cell(value, is_id=True) == text


@pytest.mark.parametrize("kind", ["csv", "parquet", "relation"])
def test_a_renamed_column_is_read_and_a_missing_one_is_named_with_both_names(tmp_path, warehouse, kind):
    """Of SQLite: test_exports_of_systems.py."""
    header, *rows = CUSTOMERS
    theirs = [["KUNNR", *header[1:]], *rows]
    data = write_files(tmp_path / "data", customers=theirs)
    settings = {"data_dir": data}
    match kind:
        case "parquet":
            parquet(data)
        case "relation":
            warehouse.execute("alter table erp.customers rename customer_id to KUNNR")
            settings = {"relations": FROM_ERP}
    columns = {"customer_id": "KUNNR"}
    assert read(warehouse, {"customers": columns}, **settings)["customers"] == [tuple(row) for row in rows]
    # Two columns may read the same one.
    twice = read(warehouse, {"customers": {**columns, "customer_name": "KUNNR"}}, **settings)["customers"]
    assert {row[0] == row[1] for row in twice} == {True}
    assert (
        "required column 'customer_id' (input_columns: KUNNE) is missing. Columns found: KUNNR, customer_name, region, "
        "end_use. Write 'KUNNR' in input_columns; names must match exactly."
    ) in message(warehouse, {"customers": {"customer_id": "KUNNE"}}, **settings)
    assert "column 'city' (input_columns: ORT01) is missing. Columns found: KUNNR" in message(
        warehouse, {"customers": {**columns, "city": "ORT01"}}, **settings
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("erp.custommers", "relation erp.custommers is missing. Tables and views found in erp: customers, invoices, "),
        ("erp.custommers", "Did you mean 'customers'?"),
        (
            "crm.erp.customers",
            "relation crm.erp.customers: there is no database 'crm'. Databases found: memory. Attach",
        ),
        ("sales.customers", "relation sales.customers is missing. Tables and views found in sales: none."),
        ("main.customers", "ipre builds in the schema main and would read its own tables"),
        ("memory.Build.customers", "ipre builds in the schema Build"),
        ("customers", "customers is 'customers', which must be schema.table or database.schema.table"),
        ("a.b.c.d", "'a.b.c.d', which must be"),
        ("erp.customers; drop table erp.invoices", "which must be schema.table or database.schema.table"),
        ("erp.", "'erp.', which must be"),
        ('erp."cus', "which must be"),
        ('erp."customers; drop table x --"', "is missing. Tables and views found in erp"),
        ('"erp"."customers" ', "which must be"),
    ],
)
def test_a_relation_that_cannot_be_read_is_refused_by_its_name(tmp_path, warehouse, name, told):
    assert told in message(warehouse, relations={**FROM_ERP, "customers": name})
    assert warehouse.execute("select count(*) from erp.invoices").fetchall() == [(len(INVOICES) - 1,)]


def test_a_relation_is_checked_as_a_file_is(tmp_path, warehouse):
    quantity = "case quantity when '2' then '1.200' else '5' end"
    for table, query, told in [
        ("customers", "from erp.customers limit 0", "it has no rows."),
        ("customers", "select * rename (region as other) from erp.customers", "required column 'region' is missing. "),
        ("invoices", f"select * replace ({quantity} as quantity) from erp.invoices", "'1.200' in 'quantity' could be"),
    ]:
        warehouse.execute(f"create or replace table erp.odd as {query}")
        assert f"relation erp.odd: {told}" in message(warehouse, relations={**FROM_ERP, table: "erp.odd"})


def test_a_table_that_is_named_nowhere_is_refused_unless_it_is_feedback(tmp_path, warehouse):
    assert read(warehouse, relations=FROM_ERP)["feedback"] == []
    without = {table: name for table, name in FROM_ERP.items() if table != "products"}
    assert "no source is set for products. Name its relation in input_relations" in message(
        warehouse, relations=without
    )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "sqlite:/nowhere/crm.db",
            "the database db of input_databases cannot be opened (unable to open database file)",
        ),
        ("crm.db", "input_databases: the address of db is not valid. Write sqlite:"),
        ("sqlite:", "the address of db is not valid"),
        ("nosuch://host/db", "needs a package that is not installed (Can't load plugin"),
        ("oracle://host/db", "needs a package that is not installed (No module named '"),
        ("mssql+pyodbc://?odbc_connect=UID%3Dme%3BPWD%3Dhush", "the address of db contains a password"),
        ("postgresql://ipre:hush@host/db", "contains a password (it would appear in logs). Remove it"),
        ("postgresql://host/db?user=ipre&password=hush", "contains a password (it would appear in logs). Remove it"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_and_its_password_is_not(warehouse, address, told):
    text = message(warehouse, relations={**FROM_ERP, "customers": "db.main.customers"}, databases={"db": address})
    assert told in text and "hush" not in text


def test_the_password_of_the_environment_is_used_and_an_address_is_as_sqlalchemy_has_it(monkeypatch):
    monkeypatch.setenv("IPRE_DATABASE_PASSWORD", "hush")
    url = engine_of(checked_url("db", "postgresql://ipre@host/db")).url
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg", "ipre", "hush")
    # Without a user it is the driver's business who somebody is.
    assert engine_of(checked_url("db", "postgres:///db?service=erp")).url.password is None


def test_a_file_that_is_no_database_and_a_relation_that_it_lacks_are_named(tmp_path, warehouse):
    (tmp_path / "text.db").write_text("no database at all, but long enough to be asked whether it is one" * 20)
    load_sqlite(tmp_path / "erp.db", {"customers": CUSTOMERS})
    databases = {"text": f"sqlite:{tmp_path / 'text.db'}", "db": f"sqlite:{tmp_path / 'erp.db'}"}
    for name, told in {
        "text.main.customers": "file is not a database",
        "db.main.kunden": "relation db.main.kunden is missing. Tables and views found in db.main: customers.",
        "db.other.customers": "Tables and views found in db.other: none.",
    }.items():
        settings = {"relations": {**FROM_ERP, "customers": name}, "databases": databases}
        assert told in message(warehouse, **settings)


# --- stores ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", STORES)
@pytest.mark.usefixtures("may_read")
def test_messages_name_the_address_and_no_copy_stays_behind(tmp_path, root):
    (tmp_path / "built").mkdir()
    warehouse = duckdb.connect(str(tmp_path / "built" / "ipre.duckdb"))
    data = write_files(tmp_path / "data", products=[["sku"], ["P1"]])
    address = upload(data, f"{root}/broken")
    assert message(warehouse, data_dir=address).startswith(
        f"ipre input: file {address}/products.csv: required column 'product_id' is missing. Columns found: sku."
    )
    (data / "products.csv").rename(data / "artikel.csv")
    address = upload(data, f"{root}/incomplete")
    assert (
        f"file {address}/products.csv (or .parquet) is missing. Files found in {address}: {address}/artikel.csv, "
        f"{address}/customers.csv"
    ) in message(warehouse, data_dir=f"{address}/")
    (data / "customers.parquet").write_bytes(b"PAR1 but not really")
    (data / "customers.csv").unlink()
    address = upload(data, f"{root}/rubbish")
    told = message(warehouse, data_dir=address)
    assert f"file {address}/customers.parquet: it cannot be read." in told and str(tmp_path) not in told
    assert {path.suffix for path in (tmp_path / "built").iterdir()} <= {".duckdb", ".wal"}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("memory://exports/x", "the folder memory://exports/x cannot be read (the folder does not exist or is empty"),
        ("nosuch://bucket/x", "the folder nosuch://bucket/x cannot be read (Protocol not known: nosuch)"),
        ("gs://bucket/x", "gs://bucket/x needs a package that is not installed"),
        (
            "https://me:hush@host/x",
            "the address https://... in data_dir (or IPRE_DATA_DIR) contains a user, a password",
        ),
        (
            "https://host/x?sig=hush",
            "the address https://... in data_dir (or IPRE_DATA_DIR) contains a user, a password",
        ),
    ],
)
def test_an_address_that_cannot_be_read_is_named_and_its_secrets_are_not(warehouse, address, told):
    text = message(warehouse, data_dir=address)
    assert told in text and "hush" not in text


def test_a_web_server_is_asked_for_each_file(tmp_path, warehouse):
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    data = write_files(tmp_path / "data")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=data)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert read(warehouse, data_dir=address) == read(warehouse, data_dir=data)
        (data / "products.csv").unlink()
        assert f"file {address}/products.csv (or .parquet) is missing." in message(warehouse, data_dir=address)
        server.shutdown()
    assert f"the folder {address} cannot be read (" in message(warehouse, data_dir=address)


def test_without_the_packages_one_line_says_what_to_install(warehouse, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert "Install requirements/remote.txt" in message(warehouse, data_dir="s3://exports/x")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "Install requirements/remote.txt" in message(
        warehouse,
        relations={**FROM_ERP, "customers": "pg.public.customers"},
        databases={"pg": "postgresql://host/db"},
    )
