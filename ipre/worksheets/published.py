"""The published lists, as worksheets need them. The serving file is opened to read, so no build ever waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ipre.serving import publish_dir, run_that_made_the_lists, serving_file

from .errors import WorksheetsError
from .layout import one_line

# Whom an account manager calls first comes first everywhere.
ORDER = "lists.account_manager nulls last, brief.call_rank, lists.customer_id"
# Somebody with this role sees everybody's customers.
MANAGER = "manager"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class PublishedRun:
    """The run whose lists readers see. started_at: UTC. data_kind: own or demo."""

    run_id: str
    started_at: datetime
    data_kind: str
    as_of_date: date


def published_file() -> Path:
    """Find the serving file that readers see."""
    try:
        return serving_file()
    except OSError as error:
        raise WorksheetsError(
            f"there are no published lists in {publish_dir()}. Run `make build`, or set IPRE_PUBLISH_DIR."
        ) from error


class PublishedLists:
    """The lists of one run, whatever is published meanwhile."""

    def __init__(self, file: Path | None = None) -> None:
        """file: a serving file; None: the one that readers see now."""
        self.connection = duckdb.connect(str(file or published_file()), read_only=True)
        if not self.has_table("account_brief"):
            raise WorksheetsError("the published lists are of an earlier version. Run `make build`.")

    def __enter__(self) -> PublishedLists:
        """Use it as `with PublishedLists() as lists`."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self.connection.close()

    def run(self) -> PublishedRun:
        """Give the run that made the lists. After a roll-back that is the earlier one."""
        run_id, started_at = run_that_made_the_lists(self.connection)
        [about] = self.rows("select data_kind, as_of_date from as_of")
        return PublishedRun(run_id, started_at, **about)

    def recommendations(self) -> Rows:
        """List every place of every customer's list, in the order of calls."""
        return self.rows(
            "select lists.*, lists.recommended_product as product_id, lists.rating as rated "
            "from final_recommendations as lists left join account_brief as brief using (customer_id) "
            f"order by {ORDER}, lists.rank"
        )

    def of_the_day(self, table: str) -> Rows:
        """List account_brief, reorders_due or lost_products, in the order of calls."""
        place = "lists.call_rank" if table == "account_brief" else "lists.rank"
        return self.rows(
            f"select lists.* from {table} as lists left join account_brief as brief using (customer_id) "
            f"order by {ORDER}, {place}"
        )

    def account_managers(self) -> dict[str, str | None]:
        """Give the account manager of every customer; None: the customer has none."""
        return dict(self.connection.execute("select customer_id, account_manager from account_brief").fetchall())

    def seen_by(self, user: str) -> set[str | None]:
        """Give the account managers whose customers somebody rates; None among them: those without one.

        The input `account_managers` says it. Without it everybody is the account manager of that name.
        """
        managers = set(self.account_managers().values())
        if people := self.people():
            roles = [row for row in people if is_same_person(row["user_name"], user)]
            is_manager = any(row["role"] == MANAGER for row in roles)
            return managers | {None} if is_manager else {row["account_manager"] for row in roles} - {None}
        return {name for name in managers if name is not None and is_same_person(name, user)} | {None}

    def spelled(self, user: str) -> str:
        """Give a name as the lists write it, so that nobody rates under two."""
        known = [row["user_name"] for row in self.people()] or self.account_managers().values()
        return next((name for name in known if name and is_same_person(name, user)), one_line(user))

    def people(self) -> Rows:
        """List who sees whose customers; empty where the input `account_managers` does not say."""
        return self.rows("from account_managers") if self.has_table("account_managers") else []

    def has_table(self, name: str) -> bool:
        """Say whether the run published a table."""
        return bool(self.rows("select 1 from duckdb_tables() where table_name = $name", name=name))

    def rows(self, query: str, **values: str) -> Rows:
        """Run a query; `$name` in it stands for the value of that name."""
        result = self.connection.execute(query, values)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def is_same_person(one: str, other: str) -> bool:
    """Compare names as people write them."""
    return one_line(one).casefold() == one_line(other).casefold()
