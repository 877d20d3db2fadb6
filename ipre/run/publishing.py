"""Publication: only here does what readers see change, all of it or nothing.

A run writes its set of files aside, and then `current` points to it: this one step changes the files, the warehouse and
the run log. The tables in `main` are views over the files behind `current`, and each set contains the run log in which
its own run is already published. So the three agree at every moment, whatever fails or is killed. A rollback publishes
again what was published before.
"""

import contextlib
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb

from .published_folder import PublishedFolder, read_parquet, run_of
from .run_log import LOG, NOTES, PRIVATE_REASONS, ROW_LOG, ROWS, RUN_LOG, Outcome, set_name, show_logs
from .set_files import Table, comment, write_csv, write_parquet, write_serving_file
from .warehouse import Published, Refused, first_line, literal, quoted, transaction

CSV_TABLES = {"final_recommendations"}
# Sets that stay in the folder, for readers that still read one and for a rollback: at least two.
KEPT_SETS = 3
# Published runs whose rows stay in tables that are kept, such as recommendation_changes.
KEPT_RUNS = 30


def publish(engine: Any, tables: list[Table]) -> None:
    """Show readers what the run built.

    engine: DuckDB (__init__.py). Raises what went wrong, as the others do that publish; unless that is Published,
    nothing has changed for readers.
    """
    cursor, log, folder = engine.connection.cursor(), engine.log, engine.folder
    with folder.locked(), folder.new_set() as target:
        folder.clear_unseen()
        log.conclude(Outcome.PUBLISHED, published_run_id=log.run["run_id"])
        with log.concluded(cursor):
            for table in tables:
                write_parquet(cursor, rows_to_publish(table, folder), target / table.file)
        change_over(engine, target, tables, KEPT_SETS)


def roll_back(engine: Any, tables: list[Table], to: str) -> None:
    """Show readers an earlier set again; the logs and the tables that are kept continue.

    to: a set's name or the id of its run; empty: the set before the lists that readers see. Raises Refused when there
    is no such set.
    """
    cursor, log, folder = engine.connection.cursor(), engine.log, engine.folder
    with folder.locked(), folder.new_set() as target:
        name = find_set(cursor, folder, to)
        lists = lists_of(cursor, folder, name)
        log.conclude(Outcome.ROLLED_BACK, f"to {lists}", published_run_id=run_of(lists))
        with log.concluded(cursor):
            for table in tables:
                source = (folder.current if table.kept else folder.sets / name) / table.file
                if source.exists() and not table.is_log:
                    link_or_copy(source, target / table.file)
                else:  # That run had no such table, for example because it used another ranker.
                    rows = rows_of_the_log(table) if table.is_log else table.no_rows
                    write_parquet(cursor, rows, target / table.file)
        change_over(engine, target, tables, kept_sets=None)


def change_over(engine: Any, target: Path, tables: list[Table], kept_sets: int | None) -> None:
    """Show readers a set whose Parquet files are written. After that step the run is published.

    kept_sets: most sets that stay; None: all. A store gets the set before readers see it.
    """
    cursor, name = engine.connection.cursor(), set_name(engine.log.run)
    for table in CSV_TABLES & {table.name for table in tables}:
        write_csv(cursor, target / f"{table}.parquet")
    write_serving_file(cursor, target, tables)
    engine.folder.finish_set(target, name)
    if engine.store:
        engine.store.upload(engine.folder, name)
    engine.folder.show(name)
    # Existing views show the new set already. Only views of new tables, and descriptions, are left.
    try:
        show_in_main(engine.connection.cursor(), engine.folder, tables)
    except (duckdb.Error, OSError) as error:
        engine.log.run = {}  # The set says that it is published; the next command notes that.
        raise Published(
            f"ipre: the lists are published in {engine.folder.root}, but the schema main of the warehouse may lack a "
            f"table: {first_line(error)} The next build or rollback repairs this."
        ) from error
    engine.log.close()
    with contextlib.suppress(OSError):
        engine.folder.tidy(kept_sets)


def rows_to_publish(table: Table, folder: PublishedFolder) -> str:
    """Return the query of a table's rows for the new set; of one that is kept, without rows of runs long gone."""
    if table.is_log:
        return rows_of_the_log(table)
    order = f" order by {', '.join(map(quoted, table.order_by))}" if table.order_by else ""
    kept = folder.current / table.file
    if not (table.kept and kept.exists()):
        return f"select {table.selected} from {table.built}{order}"
    return (
        f"select {table.selected} from (from {read_parquet(kept)} union all by name from {table.built}) as all_rows "
        f"where run_id in (select run_id from {LOG} where outcome = {literal(Outcome.PUBLISHED)} "
        f"order by started_at desc, run_id limit {KEPT_RUNS}){order}"
    )


def rows_of_the_log(table: Table) -> str:
    """Return the query of a log's rows for a new set, without errors, which may quote a path or a value."""
    if table.name == ROW_LOG:
        return f"from {ROWS} order by run_id, input_table"
    private = ", ".join(literal(outcome) for outcome in PRIVATE_REASONS)
    return (
        f"select * replace (case when outcome not in ({private}) then reason end as reason) from {LOG} "
        f"where outcome <> {literal(Outcome.RUNNING)} order by started_at, run_id"
    )


def show_in_main(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, tables: list[Table]) -> None:
    """Make the views in `main` over the files behind `current`, with the descriptions of the properties files."""
    with transaction(cursor):
        drop_views_of_other_tables(cursor, [table.name for table in tables])
        show_logs(cursor, folder)
        for table in tables:
            if not (folder.current / table.file).exists():  # The set of a run that was killed, for another ranker.
                continue
            if not table.is_log:
                cursor.execute(
                    f"create or replace view main.{quoted(table.name)} as select {table.selected} "
                    f"from {folder.rows(table.name)}"
                )
            comment(cursor, "main", table, "view")


def drop_views_of_other_tables(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """Drop the views of tables that are no longer published. Views that others made stay."""
    views = cursor.execute(
        "select view_name from duckdb_views() where database_name = current_database() and schema_name = 'main' "
        "and not internal and contains(sql, '/current/' || view_name || '.parquet') and view_name not in ?",
        [names],
    ).fetchall()
    for (name,) in views:
        cursor.execute(f"drop view main.{quoted(name)}")


def former_folder(cursor: duckdb.DuckDBPyConnection) -> PublishedFolder | None:
    """Return the folder that the warehouse publishes to, as `main` shows it; None before the first time."""
    views = cursor.execute(
        "select sql from duckdb_views() where database_name = current_database() and schema_name = 'main' "
        "and view_name = ?",
        [RUN_LOG],
    ).fetchall()
    found = re.search(r"read_parquet\('(.+?)/current/", views[0][0]) if views else None
    return PublishedFolder(Path(re.sub(r"\[(.)\]", r"\1", found[1].replace("''", "'")))) if found else None


def shows_a_run_of(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder) -> bool:
    """Whether what readers see there was published from this warehouse."""
    shown = folder.shown()
    known = f"select run_id from {NOTES} where run_id = ?"
    return bool(shown) and bool(cursor.execute(known, [run_of(shown)]).fetchall())


def move_to(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder) -> None:
    """Show in this folder what readers see in the one that the warehouse published to.

    Raises Refused when it shows what another warehouse published.
    """
    if folder.shown() and not shows_a_run_of(cursor, folder):
        raise Refused(f"{folder.root} shows what another warehouse published. Set IPRE_PUBLISH_DIR to another folder.")
    former = former_folder(cursor)
    if former is None:
        raise Refused("this warehouse has not published yet, so there is nothing to move. Run `dbt build` first.")
    name = former.shown()
    if name and not folder.shown():
        with folder.locked(), folder.new_set() as target:
            shutil.copytree(former.current, target, dirs_exist_ok=True)
            folder.finish_set(target, name)
            folder.show(name)


def link_or_copy(source: Path, target: Path) -> None:
    """Put a file of an earlier set into a new one, without copying it where the file system can link."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy(source, target)


def find_set(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, wanted: str) -> str:
    """Find the set whose tables a rollback is to show."""
    names = folder.kept_sets()
    if wanted:
        made_by = {name: {name, lists_of(cursor, folder, name)} for name in names}
        matches = [name for name in names if wanted in made_by[name] | set(map(run_of, made_by[name]))]
    else:
        shown = folder.shown()
        matches = [name for name in names if shown and name < lists_of(cursor, folder, shown)]
    if not matches:
        raise Refused(
            f"there is no {f'set named {wanted}' if wanted else 'earlier set'} in {folder.sets}. Sets there, oldest "
            f"first: {', '.join(names) or 'none'}; readers see {folder.shown()}."
        )
    return matches[-1]


def lists_of(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, name: str) -> str:
    """Return the set that first had these lists: the set itself, unless a rollback made it."""
    log = read_parquet(folder.sets / name / f"{RUN_LOG}.parquet")
    [row] = cursor.execute(
        f"select first.started_at, first.run_id from {log} as this "
        f"inner join {log} as first on first.run_id = this.published_run_id where this.run_id = ?",
        [run_of(name)],
    ).fetchall()
    return set_name(dict(zip(("started_at", "run_id"), row, strict=True)))
