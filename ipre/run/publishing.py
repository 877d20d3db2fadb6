"""Publication: what readers see changes here and nowhere else, all of it or nothing.

A run writes its set of files aside, and then `current` leads to it: this one step changes the files, the warehouse and
the run log. The tables in `main` are views over the files behind `current`, and each set holds the run log in which its
own run is published already. So the three tell the same at every moment, whatever fails or is killed. A roll-back is a
publication of what was published before.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import duckdb

from .published_folder import PublishedFolder, read_parquet, run_of
from .published_store import PublishedStore
from .run_log import COLUMNS, LOG, PRIVATE_REASONS, RUN_LOG, Outcome, RunLog, set_name
from .set_files import Table, comment, file_of, write_copies, write_parquet, write_table
from .warehouse import Refused, kind_of, literal, quoted

# What stands for the run in the name of a set when nobody knows it.
UNKNOWN_RUN = "00000000-0000-0000-0000-000000000000"


def publish(
    connection: duckdb.DuckDBPyConnection,
    run_log: RunLog,
    folder: PublishedFolder,
    tables: list[Table],
    *,
    csv_tables: list[str],
    keep_sets: int,
    keep_changes: int,
    store: PublishedStore | None = None,
) -> None:
    """Show readers what the run built.

    store: where the set is uploaded to before anybody sees it. keep_sets: sets that stay in the folder; keep_changes:
    published runs whose rows stay in tables that are kept. Raises what went wrong; then nothing has changed for
    readers.
    """
    cursor = connection.cursor()
    with folder.locked(), folder.new_set() as target:
        folder.clear_unseen()
        run_log.conclude(Outcome.PUBLISHED, published_run_id=run_log.run["run_id"])
        with run_log.concluded(cursor):
            for table in tables:
                write_table(cursor, table, rows_to_publish(table, folder, keep_changes), target)
        change_over(connection, run_log, folder, target, tables, csv_tables, store)
        with contextlib.suppress(OSError):
            folder.tidy(keep_sets)


def roll_back(
    connection: duckdb.DuckDBPyConnection,
    run_log: RunLog,
    folder: PublishedFolder,
    tables: list[Table],
    *,
    csv_tables: list[str],
    to: str,
    store: PublishedStore | None = None,
) -> None:
    """Show readers again what an earlier set held; the run log and the tables that are kept go on.

    to: a set's name or the id of its run; empty: the set before the lists that readers see. Raises Refused when there
    is no such set, and else what went wrong; then nothing has changed for readers.
    """
    cursor = connection.cursor()
    with folder.locked(), folder.new_set() as target:
        name = find_set(cursor, folder, to)
        lists = lists_of(cursor, folder, name)
        run_log.conclude(Outcome.ROLLED_BACK, f"to {lists}", published_run_id=run_of(lists))
        for table in tables:
            source = (folder.current if table.kept else folder.sets / name) / table.file
            if table.name != RUN_LOG and source.exists():
                link_or_copy(source, target / table.file)
            elif table.name != RUN_LOG:  # The set is older than the table.
                write_table(cursor, table, table.no_rows, target)
        with run_log.concluded(cursor):
            write_parquet(cursor, rows_of_the_log(), target / f"{RUN_LOG}.parquet")
        change_over(connection, run_log, folder, target, tables, csv_tables, store)
        with contextlib.suppress(OSError):
            folder.tidy(keep=None)


def change_over(
    connection: duckdb.DuckDBPyConnection,
    run_log: RunLog,
    folder: PublishedFolder,
    target: Path,
    tables: list[Table],
    csv_tables: list[str],
    store: PublishedStore | None,
) -> None:
    """Make a set whose Parquet files are written the one that readers see. After that step nothing fails any more."""
    name = set_name(run_log.run)
    write_copies(connection, target, tables, csv_tables)
    show_in_main(connection.cursor(), folder, [table for table in tables if not table.hidden])
    folder.finish_set(target, name)
    if store:
        store.upload(folder, name)
    folder.show(name)
    run_log.close()


def rows_to_publish(table: Table, folder: PublishedFolder, keep_changes: int) -> str:
    """Give the query of a table's rows for the new set; of one that is kept, without rows of runs long gone."""
    if table.name == RUN_LOG:
        return rows_of_the_log()
    order = f" order by {', '.join(map(quoted, table.order_by))}" if table.order_by else ""
    kept = folder.current / table.file
    if not (table.kept and kept.exists()):
        return f"select {table.selected} from {table.built}{order}"
    return (
        f"select {table.selected} from (from {read_parquet(kept)} union all by name from {table.built}) as all_rows "
        f"where run_id in (select run_id from {LOG} where outcome = {literal(Outcome.PUBLISHED)} "
        f"order by started_at desc, run_id limit {keep_changes}){order}"
    )


def rows_of_the_log() -> str:
    """Give the query of the run log's rows for a new set. What an error quotes, a path or a value, stays private."""
    private = ", ".join(literal(outcome) for outcome in PRIVATE_REASONS)
    return (
        f"select * replace (case when outcome not in ({private}) then reason end as reason) from {LOG} "
        f"where outcome <> {literal(Outcome.RUNNING)} order by started_at, run_id"
    )


def show_in_main(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, tables: list[Table]) -> None:
    """Give `main` its views over the files behind `current`, with the descriptions of the properties files."""
    for table in tables:
        write_columns(cursor, folder, table)
    cursor.execute("begin")
    try:
        drop_what_was_published_otherwise(cursor, tables)
        for table in tables:
            if table.name == RUN_LOG:
                show_log(cursor, folder)
            else:
                cursor.execute(
                    f"create or replace view main.{quoted(table.name)} as select {table.selected} "
                    f"from {folder.rows(table.name)}"
                )
            comment(cursor, "main", table, "view")
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def write_columns(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, table: Table) -> None:
    """Write the file without rows that lends a view its columns; who reads meanwhile finds the old or the new one."""
    aside = folder.columns / f".{os.getpid()}-{table.file}"
    write_parquet(cursor, table.no_rows, aside)
    aside.replace(folder.columns / table.file)


def show_log(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder) -> None:
    """Let `main.build_runs` tell what the set that readers see says, beside the notes of this warehouse."""
    write_columns(cursor, folder, Table(RUN_LOG, "main", COLUMNS))
    RunLog.show(cursor, folder.rows(RUN_LOG))


def drop_what_was_published_otherwise(cursor: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    """Drop what earlier versions showed in another way, and views of tables that are published no more.

    Version 1.0 built its models in `main`; a version after it had `build.<table>__published` with views over it.
    """
    names = [table.name for table in tables]
    built_in_main = cursor.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'main' "
        "and (table_name in ? or table_name in (select table_name from duckdb_tables() where schema_name = 'build'))",
        [names],
    ).fetchall()
    for (name,) in built_in_main:
        cursor.execute(f"drop table main.{quoted(name)}")
    views = cursor.execute(
        "select schema_name, view_name from duckdb_views() where database_name = current_database() and not internal "
        "and (contains(sql, view_name || '__published') "
        "or schema_name = 'main' and contains(sql, '/current*/' || view_name || '.parquet') and view_name not in ?)",
        [names],
    ).fetchall()
    for schema, name in views:
        cursor.execute(f"drop view {quoted(schema)}.{quoted(name)}")
    former = cursor.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
        "and ends_with(table_name, '__published')"
    ).fetchall()
    for schema, name in former:
        cursor.execute(f"drop table {quoted(schema)}.{quoted(name)}")


def take_over(
    connection: duckdb.DuckDBPyConnection,
    run_log: RunLog,
    folder: PublishedFolder,
    tables: list[Table],
    csv_tables: list[str],
) -> None:
    """Give a folder that shows nothing what `main` shows: an earlier version made no files, or the folder is another.

    So the lists before are always those of a set, and readers of the warehouse lose nothing when the views move.
    """
    cursor = connection.cursor()
    if folder.shown():
        return
    with folder.locked(), folder.new_set() as target:
        for table in tables:
            if table.name != RUN_LOG and has_rows(cursor, table):
                write_parquet(cursor, f"from main.{quoted(table.name)}", target / table.file)
        if not any(target.iterdir()):
            return
        write_parquet(cursor, rows_of_the_log(), target / f"{RUN_LOG}.parquet")
        write_copies(connection, target, tables, csv_tables)
        name = set_name(run_log.shown_run() or run_log.run | {"run_id": UNKNOWN_RUN})
        folder.finish_set(target, name)
        folder.show(name)


def has_rows(cursor: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Say whether `main` shows rows of a table. A view over a folder that is gone shows none."""
    if not kind_of(cursor, "main", table.name):
        return False
    try:
        return bool(cursor.execute(f"select 1 from main.{quoted(table.name)} limit 1").fetchall())
    except duckdb.IOException:
        return False


def link_or_copy(source: Path, target: Path) -> None:
    """Have a file of an earlier set in a new one, without its bytes once more where the file system can do that."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy(source, target)


def find_set(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, wanted: str) -> str:
    """Find the set whose tables a roll-back is to show."""
    names = folder.kept_sets()
    if wanted:
        matches = [name for name in names if wanted in known_as(name) + known_as(lists_of(cursor, folder, name))]
    else:
        shown = folder.shown()
        matches = [name for name in names if shown and name < lists_of(cursor, folder, shown)]
    if not matches:
        raise Refused(
            f"there is no {'such set' if wanted else 'earlier set'} in {folder.sets}. Sets there, oldest first: "
            f"{', '.join(names) or 'none'}; readers see {folder.shown()}."
        )
    return matches[-1]


def lists_of(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, name: str) -> str:
    """Name the set that first had what a set shows: itself, unless a roll-back made it."""
    log = folder.sets / name / f"{RUN_LOG}.parquet"
    if not log.exists():
        return name
    rows = cursor.execute(
        f"select first.started_at, first.run_id from {read_parquet(log)} as this "
        f"inner join {read_parquet(log)} as first on first.run_id = this.published_run_id where this.run_id = ?",
        [run_of(name)],
    ).fetchall()
    return set_name(dict(zip(("started_at", "run_id"), rows[0], strict=True))) if rows else name


def known_as(name: str) -> list[str]:
    """Give what a user may call a set."""
    return [name, run_of(name)]


def connect_published(
    connection: duckdb.DuckDBPyConnection, folder: PublishedFolder, views: dict[str, dict], optional: list[str]
) -> None:
    """Make the views in the schema `input` over the set that readers see now, whatever is published meanwhile.

    views: name -> its table and those of its columns that are looked at, with their types. What the set lacks is null.
    `input.published_set` has one row then: the run that built the lists, and whether only `optional` views lack
    something. Without a set nothing has rows.
    """
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    shown, is_complete = folder.shown(), True
    for view, table in views.items():
        file = folder.sets / (shown or "") / file_of(table["name"], table.get("hidden", False))
        rows = f"from {read_parquet(file.absolute())}" if shown and file.exists() else ""
        found = {name for name, *_ in cursor.execute(f"describe {rows}").fetchall()} if rows else set()
        is_complete &= view in optional or found >= table["columns"].keys()
        columns = ", ".join(
            f"cast({quoted(name) if name in found else 'null'} as {kind}) as {quoted(name)}"
            for name, kind in table["columns"].items()
        )
        cursor.execute(f"create or replace view input.{quoted(view)} as select {columns} {rows or 'where false'}")
    cursor.execute("create or replace table input.published_set (run_id varchar, is_complete boolean)")
    if shown:
        run_id = run_of(lists_of(cursor, folder, shown))
        cursor.execute("insert into input.published_set values (?, ?)", [run_id, is_complete])
