"""The schemas of this project on Spark, where the schemas of all projects lie beside each other."""

from pyspark.sql import SparkSession


class Schemas:
    """Names of schemas, which begin with a prefix, and what is in them.

    main: where readers look; input: where the input is read into; notes: where the run log and the list of publications
    are kept.
    """

    def __init__(self, session: SparkSession, prefix: str) -> None:
        """prefix: of this project's schemas."""
        self.session, self.prefix = session, prefix
        self.main, self.input, self.notes = map(self.named, ("main", "input", "runs"))

    def named(self, name: str) -> str:
        """Return a schema's name on Spark."""
        return f"{self.prefix}{name}"

    def create(self) -> None:
        """Make those that are missing."""
        for name in ("main", "build", "helpers", "input", "runs"):
            self.session.sql(f"create schema if not exists {self.named(name)}")

    def has(self, table: str) -> bool:
        """Whether there is a relation `schema.name`."""
        return self.session.catalog.tableExists(table)

    def beginning_with(self, name: str) -> list[str]:
        """Return the schemas whose names begin so, without the prefix, in order."""
        found = self.session.sql(f"show schemas like '{self.named(name)}*'").collect()
        return sorted(row[0].removeprefix(self.prefix) for row in found)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """Return a text as an SQL literal, as every version of Spark reads it."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def spark_type(kind: str) -> str:
    """Return Spark's word for a type of the contracts."""
    return {"varchar": "string", "integer": "int"}.get(kind, kind)
