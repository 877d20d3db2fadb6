"""Same input, same tables: whatever the row order, the number of threads or the file format."""

from pathlib import Path

import duckdb
import pytest
from conftest import PUBLIC_TABLES, SMALL, dbt

TABLES = ["customers", "products", "invoices", "feedback"]


def assert_same_tables(one, other):
    for name in PUBLIC_TABLES:
        assert one.table(name) == other.table(name), f"{name} differs"


def copy_data(source: Path, target: Path, ending: str, order: str = "") -> Path:
    """The four files again, in another format or order."""
    target.mkdir(parents=True)
    options = "(format parquet)" if ending == "parquet" else "(format csv, header)"
    with duckdb.connect() as connection:
        for table in TABLES:
            # Of two ratings with one date the later row counts, so the order of ratings is information.
            order_by = order if table != "feedback" else ""
            connection.execute(
                f"copy (select * from read_csv('{source / table}.csv', all_varchar = true) {order_by}) "
                f"to '{target / table}.{ending}' {options}"
            )
    return target


@pytest.fixture(scope="module")
def small_tables_have_rows(small_build):
    assert all(small_build.table(name) for name in PUBLIC_TABLES)


@pytest.mark.usefixtures("small_tables_have_rows")
def test_shuffled_rows_give_the_same_tables(small_data, small_build, tmp_path):
    shuffled = copy_data(small_data, tmp_path / "shuffled", "csv", order="order by hash(columns(*))")
    assert (shuffled / "invoices.csv").read_bytes() != (small_data / "invoices.csv").read_bytes()
    build = dbt(tmp_path / "build", "run", data_dir=shuffled, variables=SMALL)
    assert build.success, build.messages
    assert_same_tables(small_build, build)


@pytest.mark.usefixtures("small_tables_have_rows")
def test_one_thread_and_four_give_the_same_tables(small_data, small_build, tmp_path):
    for threads in ("1", "4"):
        build = dbt(
            tmp_path / threads,
            "run",
            data_dir=small_data,
            variables=SMALL,
            IPRE_THREADS=threads,
            IPRE_DUCKDB_THREADS=threads,
        )
        assert build.success, build.messages
        assert_same_tables(small_build, build)


@pytest.mark.usefixtures("small_tables_have_rows")
def test_csv_and_parquet_give_the_same_tables(small_data, small_build, tmp_path):
    build = dbt(
        tmp_path / "build", "run", data_dir=copy_data(small_data, tmp_path / "parquet", "parquet"), variables=SMALL
    )
    assert build.success, build.messages
    assert_same_tables(small_build, build)


def test_typed_parquet_gives_the_same_tables_as_text(small_data, small_build, tmp_path):
    target = tmp_path / "typed"
    target.mkdir()
    types = {"quantity": "double", "invoice_date": "timestamp", "unit_price": "decimal(10, 2)", "rated_at": "date"}
    with duckdb.connect() as connection:
        for table in TABLES:
            rows = connection.read_csv(str(small_data / f"{table}.csv"), all_varchar=True)
            columns = ", ".join(f'cast("{name}" as {types.get(name, "varchar")}) as "{name}"' for name in rows.columns)
            rows.project(columns).write_parquet(str(target / f"{table}.parquet"))
    build = dbt(tmp_path / "build", "run", data_dir=target, variables=SMALL)
    assert build.success, build.messages
    assert_same_tables(small_build, build)


def test_building_twice_gives_the_same_tables(small_data, small_build, tmp_path):
    for _ in range(2):
        build = dbt(tmp_path, "run", data_dir=small_data, variables=SMALL)
        assert build.success, build.messages
    assert_same_tables(small_build, build)


def test_rows_of_the_demo_data_keep_their_numbers_when_it_is_built_again(tmp_path):
    arguments = ("build", "--select", "+stg_feedback", "--resource-type", "seed", "--resource-type", "model")
    for _ in range(2):
        build = dbt(tmp_path, *arguments)
        assert build.success, build.messages
        numbers = build.rows("select min(row_number), max(row_number), count(*) from stg_feedback")
        read = build.rows("select count(*) from judged_feedback", schema="helpers")[0][0]
        assert numbers[0][0] >= 1
        assert numbers[0][1] <= read
