"""Tables and views of the warehouse, or of a database attached to it (profiles.yml, `attach`), as a source."""

import difflib
import re
from dataclasses import dataclass

import duckdb

from .input_tables import Columns, InputTable, Source, texts_of
from .warehouse import SCHEMAS, Refused, described, quoted

PART = r'(?:[^\W\d]\w*|"(?:[^"]|"")+")'
MOST_NAMES = 10


@dataclass(frozen=True)
class RelationName(Source):
    """A name in input_relations. database: None for the warehouse."""

    database: str | None
    schema: str
    relation: str

    def missing(self, found: list[str]) -> Refused:
        """Return the error for a missing relation. found: those of its schema."""
        near = difflib.get_close_matches(self.relation, found, n=1, cutoff=0.75)
        names = sorted(found)[:MOST_NAMES]
        more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
        schema = f"{self.database}.{self.schema}" if self.database else self.schema
        return Refused(
            f"ipre input: relation {self.name} is missing. Tables and views found in {schema}: "
            f"{', '.join(names) or 'none'}{more}. "
            + (f"Did you mean '{near[0]}'?" if near else "Correct the name in input_relations.")
        )


def parse_name(text: str, table: str) -> RelationName:
    """Parse `schema.relation` or `database.schema.relation`; double quotes enclose a part with other characters."""
    if not re.fullmatch(rf"{PART}([.]{PART}){{1,2}}", text):
        raise Refused(
            f"ipre parameter: input_relations: {table} is '{text}', which must be schema.table or "
            "database.schema.table. Put a part with other characters than letters, digits and _ in double quotes: "
            '"my schema".table.'
        )
    parts = re.findall(PART, text)
    parts = [part[1:-1].replace('""', '"') if part.startswith('"') else part for part in parts]
    return RelationName("relation", text, parts[0] if len(parts) == 3 else None, parts[-2], parts[-1])


@dataclass(frozen=True)
class Relation:
    """A table or view that DuckDB reads. order_by: SQL that numbers its rows the same in every run."""

    source: Source
    sql: str
    order_by: str

    def columns(self, cursor: duckdb.DuckDBPyConnection) -> Columns:
        """Return its columns and their types in DuckDB."""
        return described(cursor, self.sql)

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable, columns: Columns) -> None:
        """Add its rows to `input.<table>`."""
        types = dict(columns)
        # A column of that name hides the row number.
        order_by = "all" if "rowid" in map(str.lower, types) else self.order_by
        cursor.execute(
            f"insert into input.{table.name} by name "
            f"select {texts_of(table, types)} from {self.sql} order by {order_by}"
        )


def find_relation(cursor: duckdb.DuckDBPyConnection, name: RelationName) -> Relation:
    """Find a relation of the warehouse or of an attached database."""
    [(warehouse,)] = cursor.execute("select current_database()").fetchall()
    kinds = dict(cursor.execute("select database_name, type from duckdb_databases() where not internal").fetchall())
    [database] = [known for known in kinds if known.lower() == (name.database or warehouse).lower()] or [None]
    if database is None:
        raise name.refused(
            f"there is no database '{name.database}'. Databases found: {', '.join(sorted(kinds))}. Attach it in "
            "profiles.yml (attach), or add its address to input_databases."
        )
    if database == warehouse and name.schema.lower() in SCHEMAS:
        raise name.refused(
            f"ipre builds in the schema {name.schema} and would read its own tables. Move it to another schema."
        )
    found = dict(
        cursor.execute(
            "select table_name, table_type from information_schema.tables where table_catalog = ? and "
            "lower(table_schema) = lower(?)",
            [database, name.schema],
        ).fetchall()
    )
    kind = next((kind for known, kind in found.items() if known.lower() == name.relation.lower()), None)
    if kind is None:
        raise name.missing(list(found))
    # A DuckDB table keeps its rows in the order in which they were written; others may not.
    order_by = "rowid" if kind == "BASE TABLE" and kinds[database] == "duckdb" else "all"
    return Relation(name, ".".join(map(quoted, (database, name.schema, name.relation))), order_by)
