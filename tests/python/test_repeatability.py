"""Same input, same tables: whatever the row order, the number of threads or the file format."""

from pathlib import Path

import duckdb
from conftest import PUBLIC_TABLES, SMALL, built

# Columns that a typed export has, as its program would write them.
TYPES = {"quantity": "double", "invoice_date": "timestamp", "unit_price": "decimal(10, 2)", "rated_at": "date"}


def export(source: Path, target: Path) -> None:
    """The four files once more: in another order, in Parquet, with types."""
    target.mkdir()
    with duckdb.connect() as connection:
        for table in ("customers", "products", "invoices", "feedback"):
            rows = connection.read_csv(str(source / f"{table}.csv"), all_varchar=True)
            columns = [f'cast("{name}" as {TYPES.get(name, "varchar")}) as "{name}"' for name in rows.columns]
            # Of two ratings with one date the later row counts, so the order of ratings is information.
            written = rows if table == "feedback" else rows.order("hash(columns(*))")
            written.project(", ".join(columns)).write_parquet(str(target / f"{table}.parquet"))


def test_the_same_input_gives_the_same_tables(small_build, tmp_path):
    """Typed and shuffled Parquet with one thread, against texts in CSV files with several."""
    export(small_build.data_dir, tmp_path / "data")
    build = built(tmp_path, "run", data_dir=tmp_path / "data", variables=SMALL, IPRE_THREADS=1, IPRE_DUCKDB_THREADS=1)
    for name in PUBLIC_TABLES:
        assert small_build.table(name) and build.table(name) == small_build.table(name), f"{name} differs"


def test_rows_of_the_demo_data_keep_their_numbers_when_it_is_built_again(tmp_path):
    arguments = ("build", "--select", "+stg_ratings", "--resource-type", "seed", "--resource-type", "model")
    for _ in range(2):
        build = built(tmp_path, *arguments)
        [(first, last)] = build.rows("select min(row_number), max(row_number) from stg_ratings")
        [(read,)] = build.rows("select count(*) from judged_feedback", schema="helpers")
        assert 1 <= first <= last <= read
