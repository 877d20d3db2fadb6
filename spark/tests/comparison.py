"""What differs between the tables of two builds."""

from dataclasses import dataclass

import duckdb

# Columns of moments, which differ from build to build.
MOMENTS = {"first_published_at", "ended_at"}


@dataclass(frozen=True)
class Tables:
    """What a build left. files: table -> its Parquet files; runs: the ids of its runs, the oldest first."""

    files: dict[str, str]
    runs: list[str]

    def rows(self, table: str) -> str:
        """Return a query of a table's rows, with the number of a run in place of its id."""
        columns = ", ".join(self.column(name) for name in columns_of(self.files[table]) if name not in MOMENTS)
        return f"select {columns} from read_parquet('{self.files[table]}')"

    def column(self, name: str) -> str:
        """Return a column for a query."""
        return f"list_position({self.runs}, {name}) as {name}" if name.endswith("run_id") else name


def columns_of(files: str) -> dict[str, str]:
    """Return the columns of Parquet files and their types."""
    found = duckdb.sql(f"describe select * from read_parquet('{files}')").fetchall()
    return {name: kind for name, kind, *_ in found}


def differences(one: Tables, other: Tables) -> dict[str, str]:
    """Say of each table that both should have alike what differs; empty when nothing does."""
    told = {}
    for table, files in one.files.items():
        if table not in other.files:
            told[table] = "is missing"
        elif columns_of(files) != columns_of(other.files[table]):
            told[table] = f"{columns_of(files)} is not {columns_of(other.files[table])}"
        else:
            missing, added = (
                count(f"{left.rows(table)} except all {right.rows(table)}")
                for left, right in ((one, other), (other, one))
            )
            if missing or added:
                told[table] = (
                    f"{missing} of {count(f'({one.rows(table)})')} rows are missing, {added} are there instead"
                )
    return told


def count(query: str) -> int:
    """Count the rows of a query."""
    return duckdb.sql(f"select count(*) from ({query})").fetchall()[0][0]
