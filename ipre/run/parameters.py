"""The parameters: what each may be and what it does. Defaults stand in dbt_project.yml.

`make docs` writes the table of docs/parameters.md from it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from .input_tables import input_tables
from .warehouse import Refused, nearest

PROJECT = Path(__file__).resolve().parents[2]
PROJECT_FILE = PROJECT / "dbt_project.yml"
PAGE = PROJECT / "docs" / "parameters.md"


@dataclass(frozen=True)
class Parameter:
    """A parameter.

    effect: in the words of the page. legal: what it must be, in words; on_the_page: the same, shorter; allows: whether
    a value is so. moves_numbers: whether a number of the recommendations may be another one because of it; what stops a
    run, accepts one, or concerns only the lists of the day moves none, nor do data that come from another place.
    default: in words, where the value in dbt_project.yml says too little. may_be_empty: by default it is, but given for
    a run it is an accident of whatever calls ipre, and no wish. texts: what its texts are, of a list.
    """

    name: str
    effect: str
    legal: str
    on_the_page: str
    allows: Callable[[Any], bool]
    moves_numbers: bool = True
    default: str = ""
    may_be_empty: bool = False
    texts: str = ""

    def check(self, value: Any, is_given: bool) -> None:
        """Raise Refused for an illegal value. is_given: for this run alone."""
        if self.may_be_empty and (value is None or (is_given and not str(value).strip())):
            raise Refused(
                f"ipre parameter: {self.name} is given but empty. Give it a value, or leave it out; was a variable of "
                "the scheduler not set?"
            )
        if not self.allows(value):
            raise illegal(self.name, self.legal, value)
        for text in value if self.texts else ():
            if not is_text(text):
                raise Refused(
                    f"ipre parameter: {self.name} holds '{text}', which is no text: put quotes around it, as around "
                    f"every one of its {self.texts} (YAML reads 0010 as the number 8)."
                )


def number(
    name: str, effect: str, lowest: float, highest: float | None = None, whole: bool = False, **more: Any
) -> Parameter:
    """Return one that is a number from lowest to highest (None: without end), both legal. whole: no other numbers."""

    def allows(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return False
        # NaN is in no range. Where one less is the same number no sensible one is meant.
        return lowest <= value <= (math.inf if highest is None else highest) and value - 1 != value

    kind, short = ("a whole number", "whole, ") if whole else ("a number", "")
    if highest is None:
        return Parameter(name, effect, f"{kind}, {lowest} or more", f"{short}≥ {lowest}", allows, **more)
    return Parameter(name, effect, f"{kind} from {lowest} to {highest}", f"{short}{lowest}..{highest}", allows, **more)


def whole(name: str, effect: str, lowest: int, **more: Any) -> Parameter:
    """Return one that is a whole number."""
    return number(name, effect, lowest, whole=True, **more)


def share(name: str, effect: str, highest: float = 1, **more: Any) -> Parameter:
    """Return one from 0 to 1."""
    return number(name, effect, 0, highest, **more)


def limit(name: str, effect: str, lowest: float = 0, highest: float | None = None, **more: Any) -> Parameter:
    """Return a limit of how far a night may be from the last: it judges a run and moves none of its numbers."""
    return number(name, effect, lowest, highest, moves_numbers=False, **more)


def choice(name: str, effect: str, words: tuple[str, ...]) -> Parameter:
    """Return one that is one of some words."""
    return Parameter(
        name, effect, " or ".join(words), ", ".join(f"`{word}`" for word in words), lambda value: value in words
    )


def day(name: str, effect: str, **more: Any) -> Parameter:
    """Return one that is a day, or empty."""
    legal = "a date, YYYY-MM-DD, or empty"
    return Parameter(
        name, effect, legal, "YYYY-MM-DD", lambda value: value == "" or is_day(value), may_be_empty=True, **more
    )


def source(name: str, effect: str, of: str) -> Parameter:
    """Return a map that says where data come from. of: its form."""
    is_map = lambda value: isinstance(value, Mapping)  # noqa: E731
    return Parameter(name, effect, f"a map, {{{of}}}", f"map, {of}", is_map, moves_numbers=False)


PARAMETERS = (
    Parameter(
        "data_dir",
        "where your files are",
        "the path of a folder, in quotes",
        "folder, address of an object store, or `demo`",
        lambda value: isinstance(value, str),
        moves_numbers=False,
        default="demo data",
        may_be_empty=True,
    ),
    source(
        "input_relations",
        "tables that are read from a database instead of a file ([Your own data](your-data.md))",
        of="table: schema.relation",
    ),
    source(
        "input_databases",
        "databases by SQLAlchemy's addresses, which `input_relations` may name",
        of="name: address",
    ),
    source(
        "input_columns",
        "columns that have other names where they come from",
        of="table: {column: its name there}",
    ),
    day(
        "as_of_date",
        "lines and ratings after it are unknown; from the first to the last invoice date",
        default="newest accepted invoice date, ratings up to the day of the run",
    ),
    share(
        "max_rejected_share",
        "above this share of an export's rows rejected the run fails (`overrides` and `account_managers` are kept by "
        "hand and stop nothing)",
        moves_numbers=False,
    ),
    choice(
        "clustering_transform",
        "`log`: what is bought decides; `raw`: plain quantities",
        words=("log", "raw"),
    ),
    whole("max_clusters_per_segment", "upper bound of k; 1 switches clustering off", lowest=1),
    whole("min_customers_per_cluster", "customers per cluster that k must keep on average", lowest=1),
    share("min_support", "share of the cluster who must have bought both"),
    whole("min_rule_customers", "customers who must have bought both", lowest=1),
    choice(
        "ranker",
        "whose order lists have: the founding score's, or what your own purchases teach "
        "([Which ranker](which-ranker.md))",
        words=("formula", "learned"),
    ),
    share("confidence_weight", "part of confidence in the score; the three weights sum to 1"),
    share("support_weight", "part of support"),
    share("recency_weight", "part of recency"),
    whole("recommendations_per_customer", "places in the list", lowest=1),
    Parameter(
        "never_recommend",
        "bought, but never shown",
        "a list of product_ids",
        "list of product_ids in quotes",
        lambda value: isinstance(value, list | tuple),
        texts="product_ids",
    ),
    whole("max_per_l3_category", "places that one aisle (L3 category) may take in a list; 0 as many as come", lowest=0),
    whole(
        "targets_per_product",
        "customers named for each product in `product_targets`; 0 none, and the table is not there",
        lowest=0,
        moves_numbers=False,
    ),
    number("rating_multiplier_high", "factor of the rating High", lowest=0),
    number("rating_multiplier_medium", "factor of Medium", lowest=0),
    number("rating_multiplier_low", "factor of Low", lowest=0),
    number("min_final_score", "a rated product below it is dropped", lowest=0),
    number(
        "passing_reason_days",
        "days that a rating counts that was given for the price, or because the product was out of stock "
        "([Ratings](ratings.md))",
        lowest=1,
        whole=True,
    ),
    share("min_reorder_chance", "chance of a repeat from which on a product is due for reorder", moves_numbers=False),
    Parameter(
        "show_margins",
        "whether the app and the worksheets show margins, or to `managers` only: a rep's screen is often the "
        "customer's ([The app](the-app.md))",
        "true, false or managers",
        "`true`, `false`, `managers`",
        lambda value: isinstance(value, bool) or value == "managers",
        moves_numbers=False,
        default="`false`",
    ),
    whole(
        "evaluation_days",
        "with an `as_of_date`: lists are measured by what was bought in so many days after it; 0 never",
        moves_numbers=False,
        lowest=0,
    ),
    number(
        "adoption_window_days",
        "days after a product was first shown, or rated, in which a first purchase counts ([Impact](impact.md))",
        moves_numbers=False,
        lowest=1,
        whole=True,
    ),
    share(
        "holdout_share",
        "share of the customers, drawn by a hash, who are shown no list ([Impact](impact.md)); kept to four decimals",
        highest=0.5,
    ),
    Parameter(
        "holdout_salt",
        "draws who they are; another one draws anew",
        "a text, in quotes",
        "text",
        lambda value: is_text(value),
    ),
    day(
        "accept_jump_on",
        "day on which a run unlike the last published one is published all the same",
        moves_numbers=False,
        default="none",
    ),
    limit("max_rows_lost", "share of a table's rows, or of the customers with a list, that may be gone", highest=1),
    limit("max_rows_gained", "share by which they may grow; feedback may grow as it likes"),
    limit(
        "max_places_changed",
        "share of the places that may show another product, and of the listed products that may be no longer to be had",
        highest=1,
    ),
    Parameter(
        "publish_to",
        "PostgreSQL database that gets the published tables, too ([Every night](every-night.md#read-in-a-database))",
        "an address, postgresql://user@host/database?schema=ipre, or empty",
        "address",
        lambda value: isinstance(value, str),
        moves_numbers=False,
        default="none",
        may_be_empty=True,
    ),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)
# The log is published, and these are paths and addresses of the server's.
NOT_IN_THE_LOG = ("data_dir", "input_databases", "publish_to")


def check_parameters(values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise Refused for an illegal parameter.

    values: in force, by name; given: for this run alone, where a misspelt name would leave the default in force without
    a word.
    """
    for name in given:
        if name not in NAMES:
            raise Refused(f"ipre parameter: there is no '{name}'. Did you mean '{nearest(name, NAMES)}'?")
    for parameter in PARAMETERS:
        parameter.check(values[parameter.name], parameter.name in given)
    weights = ("confidence_weight", "support_weight", "recency_weight")
    total = round(sum(values[name] for name in weights), 9)
    if total != 1:
        raise illegal(" + ".join(weights), "a sum of 1", total)
    check_input_maps(values)


def check_input_maps(values: Mapping[str, Any]) -> None:
    """Check where the input tables are, and what their columns are called there."""
    tables = {name: table for name, table in input_tables().items() if not table.from_rating_store}
    for name in ("input_relations", "input_columns"):
        check_keys(name, values[name], tables, "input table")
    for name in ("input_relations", "input_databases"):
        check_texts(name, values[name])
    [of_columns] = [parameter for parameter in PARAMETERS if parameter.name == "input_columns"]
    for table, columns in values["input_columns"].items():
        of_columns.check(columns, is_given=True)
        check_keys(f"input_columns of {table}", columns, tables[table].columns, "column")
        check_texts(f"input_columns of {table}", columns)
    if values["input_relations"] and values["data_dir"] == "demo":
        raise Refused(
            "ipre parameter: data_dir is demo, and input_relations names tables of your own. Leave one of them out."
        )


def check_keys(name: str, values: Mapping[str, Any], known: Collection[str], what: str) -> None:
    """Refuse a key that is not known."""
    for key in values:
        if key not in known:
            raise Refused(
                f"ipre parameter: {name} names the {what} '{key}', which there is not. Did you mean "
                f"'{nearest(key, known)}'?"
            )


def check_texts(name: str, values: Mapping[str, Any]) -> None:
    """Refuse a value that is no text."""
    for key, value in values.items():
        if not is_text(value):
            raise Refused(f"ipre parameter: {name} gives {key} '{value}', which is no text. Write a name, in quotes.")


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Return what moves numbers and is no longer what it was, in words by name. before, now: as the log has them."""
    return {
        name: f"{name} was {json.dumps(before[name])}, is {json.dumps(now[name])}"
        for name in sorted(parameter.name for parameter in PARAMETERS if parameter.moves_numbers)
        if name in before and before[name] != now[name]
    }


def is_text(value: Any) -> bool:
    """Whether this is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_day(value: Any) -> bool:
    """Whether this is a day as YYYY-MM-DD, be it a text or a date."""
    try:
        return date.fromisoformat(str(value)).isoformat() == str(value)
    except ValueError:
        return False


def illegal(name: str, legal: str, value: Any) -> Refused:
    """Word the refusal of a value."""
    return Refused(f"ipre parameter: {name} must be {legal}; got '{value}'. Change it in dbt_project.yml or in --vars.")


def defaults() -> dict[str, Any]:
    """Return the values that stand in dbt_project.yml."""
    return yaml.safe_load(PROJECT_FILE.read_text())["vars"]


def table() -> str:
    """Return the table of docs/parameters.md."""
    values = defaults()
    lines = ["| parameter | default | legal | effect |", "|---|---|---|---|"]
    for one in PARAMETERS:
        value = values[one.name]
        word = f"`{value}`" if isinstance(value, str) else value
        default = one.default or (word if isinstance(value, str | int | float) else "none")
        lines.append(f"| `{one.name}` | {default} | {one.on_the_page} | {one.effect} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return docs/parameters.md with the table as it is now: the first one on the page."""
    before, _, rest = PAGE.read_text().partition("| parameter |")
    return before + table() + "\n" + rest.partition("\n\n")[2]


def write_page() -> None:
    """Write docs/parameters.md."""
    PAGE.write_text(page())
