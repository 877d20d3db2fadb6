"""The distributors that are built on both engines, and the builds."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
from comparison import Tables
from hard_cases import write_hard_cases

PROJECT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).parent / "dbt"


@dataclass(frozen=True)
class Distributor:
    """Data, as DuckDB and as Spark is given it, and the settings of every run that is built."""

    data: str = "demo"
    data_for_spark: str = "demo"
    nights: list[dict] = field(default_factory=lambda: [{}])


@dataclass(frozen=True)
class Build:
    """A folder for what is built, and where: on DuckDB or, with an address, on Spark."""

    folder: Path
    master: str = ""

    def start(self, data: str, *arguments: str) -> subprocess.Popen:
        """Start a dbt command; what it says goes to the file `log`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own = {
            "IPRE_DATA_DIR": data,
            "IPRE_WAREHOUSE": str(self.folder / "ipre.duckdb"),
            "IPRE_PUBLISH_DIR": str(self.folder / "published"),
            "IPRE_RATINGS_URL": "none",
            "IPRE_SPARK_WAREHOUSE": str(self.folder / "spark"),
            "IPRE_SPARK_MASTER": self.master or "local[2]",
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_PROFILES_DIR": ".",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        target = "spark" if self.master else "warehouse"
        with self.log.open("w") as log:
            return subprocess.Popen(
                [str(DBT), "--no-use-colors", *arguments, "--target", target],
                cwd=PROJECT,
                env=os.environ | own,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def run(self, data: str, *arguments: str, succeeds: bool = True) -> str:
        """Run a dbt command to its end and return what it said. Raises AssertionError with that when it failed."""
        code = self.start(data, *arguments).wait()
        said = self.log.read_text()
        assert (code == 0) == succeeds, said[-8000:]
        return said

    def build(self, distributor: Distributor) -> "Build":
        """Build and publish every run."""
        data = distributor.data_for_spark if self.master else distributor.data
        for settings in distributor.nights:
            self.run(data, "build", "--vars", json.dumps(settings))
        return self

    @property
    def log(self) -> Path:
        """What the last command said."""
        return self.folder / "log"

    @property
    def tables(self) -> Tables:
        """What readers see, and the rejected rows."""
        return self.tables_of_spark if self.master else self.tables_of_duckdb

    @property
    def tables_of_duckdb(self) -> Tables:
        """The files that DuckDB published."""
        current, rejected = self.folder / "published" / "current", self.folder / "rejected_rows.parquet"
        with duckdb.connect(str(self.folder / "ipre.duckdb"), read_only=True) as warehouse:
            warehouse.execute(f"copy build.rejected_rows to '{rejected}'")
        files = {file.stem: str(file) for file in [*current.glob("*.parquet"), rejected]}
        del files["build_run_rows"]  # On Spark the logs are one for all sets.
        return Tables(files, runs_in(files.pop("build_runs"), "started_at"))

    @property
    def tables_of_spark(self) -> Tables:
        """The tables of the set that current_run names."""
        tables = self.folder / "spark" / "tables"
        notes = tables / "ipre_runs.db"
        published = tables / f"{self.publications()[-1]}.db"
        folders = [folder for folder in published.iterdir() if folder.is_dir()]
        folders += [tables / "ipre_build.db" / "rejected_rows"]
        files = {folder.name: f"{folder}/*.parquet" for folder in folders}
        return Tables(files, runs_in(f"{notes}/run_events/*.parquet", "noted_at"))

    def publications(self) -> list[str]:
        """Return the schemas of what was published on Spark, the oldest first."""
        files = f"{self.folder}/spark/tables/ipre_runs.db/publications/*.parquet"
        return [row[0] for row in duckdb.sql(f"select set_schema from '{files}' order by published_at").fetchall()]


def runs_in(files: str, moment: str) -> list[str]:
    """Return the ids of runs in the order in which they began."""
    query = f"select run_id from read_parquet('{files}') group by run_id order by min({moment})"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def hard_cases(folder: Path) -> Distributor:
    """Ties, nulls, duplicates, ratings and all that is optional."""
    write_hard_cases(folder)
    settings = {
        "ranker": "learned",
        "as_of_date": "2025-07-01",
        "evaluation_days": 30,
        "min_customers_per_cluster": 5,
        "holdout_share": 0.1,
        "max_per_l3_category": 2,
        "max_rejected_share": 0.9,
    }
    return Distributor(str(folder / "one_machine"), str(folder / "many_machines"), [settings])


def two_nights(folder: Path) -> Distributor:
    """The hard cases, and once more a week later."""
    first = hard_cases(folder)
    return replace(first, nights=[*first.nights, first.nights[0] | {"as_of_date": "2025-07-09"}])


def sample(folder: Path) -> Distributor:
    """Make a generated distributor, whose invoices Spark reads from a folder of four Parquet files."""
    generator = PROJECT / "seeds" / "generate_realistic_dataset.py"
    lines, arguments = 200_000, ("--customers", "10000", "--products", "4200", "--invoices", "200000")
    one, many = folder / "one_machine", folder / "many_machines"
    subprocess.run([sys.executable, generator, *arguments, "--format", "parquet", "--out", one], check=True)
    (many / "invoices").mkdir(parents=True)
    for name in ("customers", "products", "feedback"):
        os.link(one / f"{name}.parquet", many / f"{name}.parquet")
    for part in range(4):
        first, last = (lines * end // 4 for end in (part, part + 1))
        duckdb.sql(
            f"copy (select * exclude (file_row_number) from read_parquet('{one}/invoices.parquet', "
            f"file_row_number = true) where file_row_number >= {first} and file_row_number < {last} "
            f"order by file_row_number) to '{many}/invoices/part-{part}.parquet'"
        )
    return Distributor(str(one), str(many))
