"""The input on Spark: every value as text, in tables of the schema `input`, each row with its number in its source.

A folder of Parquet files is read by Spark, on all workers. Everything else, a CSV or Parquet file, a database, an
object store, the store of ratings, is read where dbt runs, by the same code as without Spark and with the same checks,
and then handed to Spark: fine for some million rows.
"""

from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from ipre.run.input_files import Parts, find_file, local_folder
from ipre.run.input_ratings import read_ratings as read_store
from ipre.run.input_tables import (
    FLOAT_HOLDS_BELOW,
    UNREADABLE_LINES,
    InputTable,
    Source,
    check_columns,
    input_tables,
    is_id,
)
from ipre.run.inputs import InputSettings
from ipre.run.inputs import read_inputs as read_on_this_machine
from ipre.run.run_log import PROJECT
from ipre.run.stores import is_address
from ipre.run.unread_columns import UNREAD_COLUMNS, counted, look_alikes

from .schemas import Schemas, quoted

DEMO = PROJECT / "seeds" / "demo"
# Rows that are handed to Spark at once.
BATCH_ROWS = 500_000


def read_inputs(session: SparkSession, schemas: Schemas, tables: list[InputTable], settings: InputSettings) -> None:
    """Read every table of the contract. Raises Refused with one line when one is missing or not as promised."""
    if settings.is_demo:
        settings = InputSettings(str(DEMO), {}, {})
    folders = {table.name: parquet_folder(settings, table.name) for table in tables}
    small = [table for table in tables if not folders[table.name]]
    connection = duckdb.connect()
    read_on_this_machine(connection, small, settings)
    for name in [table.name for table in small] + [UNREADABLE_LINES]:
        hand_over(session, schemas, connection, name)
    for table in tables:
        if folders[table.name]:
            for row in read_parquet_folder(session, schemas, folders[table.name], table):
                connection.execute(f"insert into input.{UNREAD_COLUMNS} values (?, ?, ?, ?, ?, ?)", row)
    hand_over(session, schemas, connection, UNREAD_COLUMNS)


def read_ratings(session: SparkSession, schemas: Schemas, tables: list[InputTable], data_kind: str) -> None:
    """Read the store of ratings."""
    connection = duckdb.connect()
    read_store(connection, tables, data_kind)
    for table in tables:
        hand_over(session, schemas, connection, table.name)


def hand_over(session: SparkSession, schemas: Schemas, connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Copy `input.<name>` of a DuckDB connection to Spark."""
    types = dict(connection.execute(f"select column_name, column_type from (describe input.{name})").fetchall())
    columns = [f"{quoted(column)} {'bigint' if kind == 'BIGINT' else 'string'}" for column, kind in types.items()]
    table = f"{schemas.input}.{quoted(name)}"
    session.sql(f"drop table if exists {table}")
    session.sql(f"create table {table} ({', '.join(columns)}) using parquet")
    [(count,)] = connection.execute(f"select count(*) from input.{name}").fetchall()
    for start in range(0, count, BATCH_ROWS):
        rows = connection.execute(
            f"select * from input.{name} where rowid >= ? and rowid < ? order by rowid",
            [start, start + BATCH_ROWS],
        ).df()
        session.createDataFrame(rows, ", ".join(columns)).write.insertInto(table)


def parquet_folder(settings: InputSettings, table: str) -> str | None:
    """Return the folder of Parquet files that a table is in, if any: <data_dir>/<table>, or <table>.parquet."""
    if table not in settings.relations and settings.data_dir and not is_address(settings.data_dir):
        found = find_file(local_folder(Path(settings.data_dir)), input_tables()[table])
        if isinstance(found, Parts) and not found.files[0].is_csv:
            return found.source.name
    return None


def read_parquet_folder(session: SparkSession, schemas: Schemas, folder: str, table: InputTable) -> list[tuple]:
    """Read a folder of Parquet files; rows are numbered through the files in the order of their names.

    Returns the rows about columns that are not read (ipre/run/unread_columns.py).
    """
    source = Source("folder", folder)
    # Values in the names of folders are read as text, as everything here: 007 is not 7.
    session.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    frame = session.read.parquet(folder)
    check_columns(source, frame.dtypes, table)
    rows = frame.select(*frame.columns, "_metadata.file_path", "_metadata.row_index")
    rows.createOrReplaceTempView("ipre_rows_read")
    types = dict(frame.dtypes)
    texts = ", ".join(f"{text_of(table.in_source(column), types, column)} as {column}" for column in table.columns)
    into = f"{schemas.input}.{quoted(table.name)}"
    session.sql(f"drop table if exists {into}")
    session.sql(
        f"create table {into} using parquet as with files as (select file_path, count(*) as row_count "
        "from ipre_rows_read group by file_path), starts as (select file_path, coalesce(sum(row_count) over "
        "(order by file_path rows between unbounded preceding and 1 preceding), 0) as rows_before from files) "
        f"select cast(starts.rows_before + row_index + 1 as bigint) as row_number, {texts} "
        "from ipre_rows_read inner join starts on ipre_rows_read.file_path = starts.file_path"
    )
    unread = {name: f"cast({quoted(name)} as string)" for name in look_alikes(frame.columns, table)}
    product = quoted(table.in_source("product_id"))
    told = counted(lambda query: session.sql(query).collect(), "ipre_rows_read", table, unread, product)
    session.catalog.dropTempView("ipre_rows_read")
    if not session.table(into).take(1):
        raise source.refused("it has no rows. Check that the export is complete.")
    return told


def text_of(name: str, types: dict[str, Any], column: str) -> str:
    """Return SQL of the text that a value would have in a CSV file (ipre/run/input_tables.py, text_of)."""
    if name not in types:
        return "cast(null as string)"
    kind = types[name]
    text = f"decode({quoted(name)}, 'UTF-8')" if kind == "binary" else f"cast({quoted(name)} as string)"
    if not is_id(column) or not kind.startswith(("double", "float", "decimal")):
        return text
    if (bound := FLOAT_HOLDS_BELOW.get(kind.upper())) is not None:
        # Spark writes 1234567 as 1234567.0 and 12345678 as 1.2345678E7.
        return (
            f"case when not isnan({quoted(name)}) and abs({quoted(name)}) < {bound} and "
            f"{quoted(name)} = floor({quoted(name)}) then cast(cast({quoted(name)} as bigint) as string) "
            f"when not isnan({quoted(name)}) then regexp_replace(regexp_replace(lower({text}), 'e', 'e+'), "
            "'[.]0e', 'e') end"
        )
    return f"regexp_replace({text}, '[.]0+$', '')"
