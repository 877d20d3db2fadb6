"""The parameters: what each may be and what it does. Defaults are in dbt_project.yml.

`make docs` writes the table of docs/parameters.md from it.
"""

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

    effect: as docs/parameters.md says it. legal: what it must be, in words; allows: whether a value is legal.
    moves_numbers: whether it can change a number of the recommendations; a parameter that stops a run, accepts one, or
    concerns only the lists of the day cannot, and neither can where the data are. default: in words, where the value in
    dbt_project.yml says too little. may_be_empty: the default is empty, but an empty value for one run is a mistake of
    whatever calls ipre. texts: what its texts are, of a list.
    """

    name: str
    effect: str
    legal: str
    allows: Callable[[Any], bool]
    moves_numbers: bool = True
    default: str = ""
    may_be_empty: bool = False
    texts: str = ""

    def check(self, value: Any, is_given: bool) -> None:
        """Raise Refused for an illegal value. is_given: whether it is set for this run alone."""
        if self.may_be_empty and (value is None or (is_given and not str(value).strip())):
            raise Refused(f"ipre parameter: {self.name} is set but empty. Give it a value or remove it.")
        if not self.allows(value):
            raise illegal(self.name, self.legal, value)
        for text in value if self.texts else ():
            if not is_text(text):
                raise Refused(
                    f"ipre parameter: {self.name} contains {described(text)}. Put every one of its {self.texts} in "
                    "quotes (without them YAML reads 0010 as the number 8)."
                )


def number(
    name: str, effect: str, lowest: float, highest: float | None = None, whole: bool = False, **more: Any
) -> Parameter:
    """Return a number parameter, from lowest to highest inclusive (None: no limit). whole: whole numbers only."""

    def allows(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return False
        # NaN is in no range. A number that equals itself minus one, such as infinity, is a mistake.
        return lowest <= value <= (math.inf if highest is None else highest) and value - 1 != value

    kind = "a whole number" if whole else "a number"
    limits = f", {lowest} or more" if highest is None else f" from {lowest} to {highest}"
    return Parameter(name, effect, kind + limits, allows, **more)


def whole(name: str, effect: str, lowest: int, **more: Any) -> Parameter:
    """Return a whole-number parameter."""
    return number(name, effect, lowest, whole=True, **more)


def share(name: str, effect: str, highest: float = 1, **more: Any) -> Parameter:
    """Return a parameter from 0 to 1."""
    return number(name, effect, 0, highest, **more)


def limit(name: str, effect: str, lowest: float = 0, highest: float | None = None, **more: Any) -> Parameter:
    """Return a limit on changes since the last run: it judges a run and moves none of its numbers."""
    return number(name, effect, lowest, highest, moves_numbers=False, **more)


def choice(name: str, effect: str, words: tuple[str, ...]) -> Parameter:
    """Return a parameter that is one of some words."""
    return Parameter(name, effect, " or ".join(words), lambda value: value in words)


def day(name: str, effect: str, **more: Any) -> Parameter:
    """Return a parameter that is a day or empty."""
    legal = "a date, YYYY-MM-DD, or empty"
    return Parameter(name, effect, legal, lambda value: value == "" or is_day(value), may_be_empty=True, **more)


def source(name: str, effect: str, of: str) -> Parameter:
    """Return a map that says where data come from. of: its form."""
    return Parameter(name, effect, f"a map, {{{of}}}", lambda value: isinstance(value, Mapping), moves_numbers=False)


PARAMETERS = (
    Parameter(
        "data_dir",
        "the folder of your files",
        "a folder, the address of an object store, or demo, in quotes",
        lambda value: isinstance(value, str),
        moves_numbers=False,
        default="demo data",
        may_be_empty=True,
    ),
    source(
        "input_relations",
        "tables to read from a database instead of a file ([Databases and object stores](sources.md))",
        of="table: schema.relation",
    ),
    source(
        "input_databases", "SQLAlchemy addresses of databases, which `input_relations` may name", of="name: address"
    ),
    source("input_columns", "columns that have other names in their source", of="table: {column: its name there}"),
    day(
        "as_of_date",
        "build as of this day, ignoring later lines and ratings; from the first to the last invoice date",
        default="newest accepted invoice date, ratings up to the day of the run",
    ),
    share(
        "max_rejected_share",
        "the run fails when more than this share of an export's rows is rejected (`overrides` and `account_managers` "
        "are kept by hand and stop nothing)",
        moves_numbers=False,
    ),
    choice(
        "clustering_transform", "`log`: clusters follow what is bought; `raw`: plain quantities", words=("log", "raw")
    ),
    whole("max_clusters_per_segment", "most clusters in a segment; 1 turns clustering off", lowest=1),
    whole("min_customers_per_cluster", "customers that a cluster must have on average", lowest=1),
    share("min_support", "share of the cluster that must have bought both products of a rule"),
    whole("min_rule_customers", "customers who must have bought both products of a rule", lowest=1),
    choice(
        "ranker",
        "how lists are ordered: by the score of rules, or by what your own purchases teach "
        "([Which ranker](which-ranker.md))",
        words=("formula", "learned"),
    ),
    share("confidence_weight", "weight of confidence in the score; the three weights sum to 1"),
    share("support_weight", "weight of support"),
    share("recency_weight", "weight of recency"),
    whole("recommendations_per_customer", "products in a list", lowest=1),
    Parameter(
        "never_recommend",
        "products that lists never show",
        "a list of product_ids",
        lambda value: isinstance(value, list | tuple),
        texts="product_ids",
    ),
    whole("max_per_l3_category", "products of one L3 category that a list may have; 0: no limit", lowest=0),
    whole(
        "targets_per_product",
        "customers for each product in `product_targets`; 0: no such table",
        lowest=0,
        moves_numbers=False,
    ),
    number("rating_multiplier_high", "factor for the rating High", lowest=0),
    number("rating_multiplier_medium", "factor for Medium", lowest=0),
    number("rating_multiplier_low", "factor for Low", lowest=0),
    number("min_final_score", "a rated product with a lower score leaves the list", lowest=0),
    whole(
        "passing_reason_days",
        "days that a rating counts when its reason was the price, or that the product was out of stock "
        "([Ratings](ratings.md))",
        lowest=1,
    ),
    share(
        "min_reorder_chance", "lowest chance of a repeat purchase for a product in `reorders_due`", moves_numbers=False
    ),
    Parameter(
        "show_margins",
        "whether the app and the worksheets show margins, to everyone or to `managers` only: customers often see a "
        "rep's screen ([The app](the-app.md))",
        "true, false or managers",
        lambda value: isinstance(value, bool) or value == "managers",
        moves_numbers=False,
        default="`false`",
    ),
    whole(
        "evaluation_days",
        "with an `as_of_date`: days of later purchases that lists are measured by; 0: not measured",
        moves_numbers=False,
        lowest=0,
    ),
    whole(
        "adoption_window_days",
        "days after a product was first shown, or rated, in which a first purchase counts ([Impact](impact.md))",
        moves_numbers=False,
        lowest=1,
    ),
    share(
        "holdout_share",
        "share of the customers, chosen by a hash, who get no list ([Impact](impact.md)); up to four decimals",
        highest=0.5,
    ),
    Parameter(
        "holdout_salt",
        "chooses who they are; change it to choose others",
        "a text, in quotes",
        lambda value: is_text(value),
    ),
    day(
        "accept_jump_on",
        "day on which unusual changes since the last published run are accepted",
        moves_numbers=False,
        default="none",
    ),
    limit(
        "max_rows_lost",
        "largest share of a table's rows, or of the customers with a list, that may disappear",
        highest=1,
    ),
    limit("max_rows_gained", "largest share by which they may grow; feedback has no limit"),
    limit(
        "max_places_changed",
        "largest share of list positions that may change, and of listed products that may become unavailable",
        highest=1,
    ),
    Parameter(
        "publish_to",
        "PostgreSQL database that also gets the published tables ([Every night](every-night.md#read-in-a-database))",
        "an address, postgresql://user@host/database?schema=ipre, or empty",
        lambda value: isinstance(value, str),
        moves_numbers=False,
        default="none",
        may_be_empty=True,
    ),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)
# The log is published; these are paths and addresses of the server.
NOT_IN_THE_LOG = ("data_dir", "input_databases", "publish_to")


def check_parameters(values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise Refused for an illegal parameter.

    values: in force, by name; given: for this run alone, where a misspelled name would silently leave the default.
    """
    for name in given:
        if name not in NAMES:
            raise Refused(f"ipre has no parameter '{name}'; did you mean '{nearest(name, NAMES)}'?")
    for parameter in PARAMETERS:
        parameter.check(values[parameter.name], parameter.name in given)
    weights = ("confidence_weight", "support_weight", "recency_weight")
    total = round(sum(values[name] for name in weights), 9)
    if total != 1:
        raise Refused(f"ipre parameter: {' + '.join(weights)} must add up to 1; they add up to {total:g}.")
    check_input_maps(values)


def check_input_maps(values: Mapping[str, Any]) -> None:
    """Check where the input tables are, and what their columns are called there."""
    tables = {name: table for name, table in input_tables().items() if not table.from_rating_store}
    for name in ("input_relations", "input_columns"):
        check_keys(name, values[name], tables, "there is no input table")
    for name in ("input_relations", "input_databases"):
        check_texts(name, values[name])
    [of_columns] = [parameter for parameter in PARAMETERS if parameter.name == "input_columns"]
    for table, columns in values["input_columns"].items():
        of_columns.check(columns, is_given=True)
        check_keys("input_columns", columns, tables[table].columns, f"{table} has no column")
        check_texts(f"input_columns of {table}", columns)
    if values["input_relations"] and values["data_dir"] == "demo":
        raise Refused(
            "ipre parameter: data_dir is demo, but input_relations names tables of your own. Remove one of the two."
        )


def check_keys(name: str, values: Mapping[str, Any], known: Collection[str], problem: str) -> None:
    """Refuse a key that is not known. problem: in words."""
    for key in values:
        if key not in known:
            raise Refused(f"ipre parameter: {name}: {problem} '{key}'; did you mean '{nearest(key, known)}'?")


def check_texts(name: str, values: Mapping[str, Any]) -> None:
    """Refuse a value that is not a text."""
    for key, value in values.items():
        if not is_text(value):
            raise Refused(f"ipre parameter: {name}: {key} is {described(value)}. Write a name in quotes.")


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that move numbers and have changed, in words, by name. before, now: as the log has them."""
    return {
        name: f"{name} was {json.dumps(before[name])}, is {json.dumps(now[name])}"
        for name in sorted(parameter.name for parameter in PARAMETERS if parameter.moves_numbers)
        if name in before and before[name] != now[name]
    }


def is_text(value: Any) -> bool:
    """Whether this is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def described(value: Any) -> str:
    """Describe a value that should be a text."""
    if value is None or not str(value).strip():
        return "an empty value"
    kind = "the number" if isinstance(value, int | float) and not isinstance(value, bool) else "the value"
    return f"{kind} {value}"


def is_day(value: Any) -> bool:
    """Whether this is a day as YYYY-MM-DD, as a text or a date."""
    try:
        return date.fromisoformat(str(value)).isoformat() == str(value)
    except ValueError:
        return False


def illegal(name: str, legal: str, value: Any) -> Refused:
    """Word the refusal of a value."""
    return Refused(
        f"ipre parameter: {name} must be {legal}; got '{value}'. Change it where you set it: --vars, your "
        "settings file or dbt_project.yml."
    )


def defaults() -> dict[str, Any]:
    """Return the values in dbt_project.yml."""
    return yaml.safe_load(PROJECT_FILE.read_text())["vars"]


def table() -> str:
    """Return the table of docs/parameters.md."""
    values = defaults()
    lines = ["| parameter | default | legal | effect |", "|---|---|---|---|"]
    for one in PARAMETERS:
        value = values[one.name]
        word = f"`{value}`" if isinstance(value, str) else value
        default = one.default or (word if isinstance(value, str | int | float) else "none")
        lines.append(f"| `{one.name}` | {default} | {one.legal} | {one.effect} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return docs/parameters.md with the table as it is now: the first one on the page."""
    before, _, rest = PAGE.read_text().partition("| parameter |")
    return before + table() + "\n" + rest.partition("\n\n")[2]


def write_page() -> None:
    """Write docs/parameters.md."""
    PAGE.write_text(page())
