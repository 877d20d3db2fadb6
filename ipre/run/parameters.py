"""The parameters: what each may be and what it does. Defaults stand in dbt_project.yml.

`python -m ipre.run.parameters` writes the table of docs/parameters.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
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
    """A parameter. effect: in the words of the page.

    moves_numbers: whether a number of the recommendations may be another one because of it. What stops a run, accepts
    one, or concerns only the lists of the day moves none; nor do data that come from another place.
    default: in words, where the value in dbt_project.yml says too little.
    """

    name: str
    effect: str
    moves_numbers: bool = True
    default: str = ""

    @property
    def legal(self) -> str:
        """What it must be, in words."""
        raise NotImplementedError

    @property
    def legal_on_the_page(self) -> str:
        """The same, shorter."""
        return self.legal

    def allows(self, value: Any) -> bool:
        """Whether a value is legal."""
        raise NotImplementedError

    def check(self, value: Any) -> None:
        """Raise Refused for an illegal value."""
        if not self.allows(value):
            raise illegal(self.name, self.legal, value)


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    """A number from lowest to highest (None: without end), both legal. whole: no other numbers."""

    lowest: float
    highest: float | None = None
    whole: bool = False

    @property
    def legal(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return (
            f"{kind}, {self.lowest} or more" if self.highest is None else f"{kind} from {self.lowest} to {self.highest}"
        )

    @property
    def legal_on_the_page(self) -> str:
        span = f"≥ {self.lowest}" if self.highest is None else f"{self.lowest}..{self.highest}"
        return f"whole, {span}" if self.whole else span

    def allows(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        return (
            (not self.whole or isinstance(value, int))
            and value >= self.lowest
            and (self.highest is None or value <= self.highest)
            and value - 1 != value  # So large that no number of it counts.
        )


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of some words."""

    words: tuple[str, ...]

    @property
    def legal(self) -> str:
        return " or ".join(self.words)

    @property
    def legal_on_the_page(self) -> str:
        return ", ".join(f"`{word}`" for word in self.words)

    def allows(self, value: Any) -> bool:
        return value in self.words


@dataclass(frozen=True)
class Text(Parameter):
    """A text."""

    legal = "a text, in quotes"
    legal_on_the_page = "text"

    def allows(self, value: Any) -> bool:
        return is_text(value)


@dataclass(frozen=True, kw_only=True)
class MayBeEmpty(Parameter):
    """One that is empty by default. Given for a run and empty, it is an accident of whatever calls ipre, and no wish."""

    def check(self, value: Any) -> None:
        if value is None:
            raise given_but_empty(self.name)
        super().check(value)


@dataclass(frozen=True)
class Date(MayBeEmpty):
    """A day, or empty."""

    legal = "a date, YYYY-MM-DD, or empty"
    legal_on_the_page = "YYYY-MM-DD"

    def allows(self, value: Any) -> bool:
        text = str(value)
        try:
            return value == "" or (len(text) == len("YYYY-MM-DD") and date.fromisoformat(text) is not None)
        except ValueError:
            return False


@dataclass(frozen=True)
class Place(MayBeEmpty):
    """A folder or an address, or empty."""

    legal = "the path of a folder, in quotes"
    legal_on_the_page = "folder, address of an object store, or `demo`"

    def allows(self, value: Any) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True, kw_only=True)
class Texts(Parameter):
    """A list of texts. of: what they are."""

    of: str

    @property
    def legal(self) -> str:
        return f"a list of {self.of}"

    @property
    def legal_on_the_page(self) -> str:
        return f"list of {self.of} in quotes"

    def allows(self, value: Any) -> bool:
        return isinstance(value, list | tuple)

    def check(self, value: Any) -> None:
        super().check(value)
        for text in value:
            if not is_text(text):
                raise Refused(
                    f"ipre parameter: {self.name} holds '{text}', which is no text: put quotes around it, as around "
                    f"every one of its {self.of} (YAML reads 0010 as the number 8)."
                )


@dataclass(frozen=True, kw_only=True)
class Map(Parameter):
    """A map. of: its form."""

    of: str
    moves_numbers: bool = False

    @property
    def legal(self) -> str:
        return f"a map, {{{self.of}}}"

    @property
    def legal_on_the_page(self) -> str:
        return f"map, {self.of}"

    def allows(self, value: Any) -> bool:
        return isinstance(value, Mapping)


def share(name: str, effect: str, **more: Any) -> Number:
    """Give a parameter from 0 to 1."""
    return Number(name, effect, lowest=0, **{"highest": 1, **more})


def limit(name: str, effect: str, **more: Any) -> Number:
    """Give a limit of how far a night may be from the last: it judges a run and moves none of its numbers."""
    return Number(name, effect, moves_numbers=False, **{"lowest": 0, **more})


PARAMETERS: tuple[Parameter, ...] = (
    Place("data_dir", "where your files are", moves_numbers=False, default="demo data"),
    Map(
        "input_relations",
        "tables that are read from a database instead of a file ([Your own data](your-data.md))",
        of="table: schema.relation",
    ),
    Map(
        "input_databases",
        "SQLite and PostgreSQL databases that `input_relations` may name",
        of="name: address",
    ),
    Map(
        "input_columns",
        "columns that have other names where they come from",
        of="table: {column: its name there}",
    ),
    Date(
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
    Choice(
        "clustering_transform",
        "`log`: what is bought decides; `raw`: plain quantities",
        words=("log", "raw"),
    ),
    Number("max_clusters_per_segment", "upper bound of k; 1 switches clustering off", lowest=1, whole=True),
    Number("min_customers_per_cluster", "customers per cluster that k must keep on average", lowest=1, whole=True),
    Number("kmeans_restarts", "K-Means starts per k", lowest=1, whole=True),
    Number(
        "max_silhouette_customers",
        "in a larger segment silhouettes are measured against that many customers",
        lowest=2,
        whole=True,
    ),
    share("min_support", "share of the cluster who must have bought both"),
    Number("min_rule_customers", "customers who must have bought both", lowest=1, whole=True),
    Choice(
        "ranker",
        "whose order lists have: the founding score's, or what your own purchases teach "
        "([Which ranker](which-ranker.md))",
        words=("formula", "learned"),
    ),
    Number(
        "learning_horizon_days",
        "with `learned`: days in which a first purchase counts, and that `purchase_chance` is about",
        lowest=7,
        whole=True,
    ),
    share("confidence_weight", "part of confidence in the score; the three weights sum to 1"),
    share("support_weight", "part of support"),
    share("recency_weight", "part of recency"),
    Number("recommendations_per_customer", "places in the list", lowest=1, whole=True),
    Texts("never_recommend", "bought, but never shown", of="product_ids"),
    Number(
        "max_per_l3_category",
        "places that one aisle (L3 category) may take in a list; 0 as many as come",
        lowest=0,
        whole=True,
    ),
    Number("rating_multiplier_high", "factor of the rating High", lowest=0),
    Number("rating_multiplier_medium", "factor of Medium", lowest=0),
    Number("rating_multiplier_low", "factor of Low", lowest=0),
    Number("min_final_score", "a rated product below it is dropped", lowest=0),
    Number(
        "passing_reason_days",
        "days that a rating counts that was given for the price, or because the product was out of stock "
        "([Ratings](ratings.md))",
        lowest=1,
        whole=True,
    ),
    Number(
        "min_reorder_purchases",
        "days of purchase that make a rhythm, for `reorders_due` and `lost_products`",
        moves_numbers=False,
        lowest=2,
        whole=True,
    ),
    Number("min_interval_days", "shortest usual interval of a rhythm", moves_numbers=False, lowest=1, whole=True),
    Number("reorder_from", "multiple of the usual interval from which on a product is due", False, lowest=0),
    Number("lost_from", "multiple from which on it is no longer due; `reorder_from` or more", False, lowest=0),
    Number(
        "lost_min_days",
        "days that a lost product was bought for at least, and has not been bought since",
        moves_numbers=False,
        lowest=0,
        whole=True,
    ),
    share(
        "white_space_min_share",
        "share of the cluster that must buy in a department for it to be missed",
        moves_numbers=False,
    ),
    share("chance_reorder", "share of the value of due products that is expected", moves_numbers=False),
    share("chance_lost", "share of the value of lost products", moves_numbers=False),
    share("chance_offer", "share of the value of recommended products", moves_numbers=False),
    Number(
        "evaluation_days",
        "with an `as_of_date`: lists are measured by what was bought in so many days after it; 0 never",
        moves_numbers=False,
        lowest=0,
        whole=True,
    ),
    Number(
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
    Text("holdout_salt", "draws who they are; another one draws anew"),
    Date(
        "accept_jump_on",
        "day on which a run unlike the last published one is published all the same",
        moves_numbers=False,
        default="none",
    ),
    limit("max_rows_lost", "share by which rows of a table, returns or products in baskets may shrink", highest=1),
    limit("max_rows_gained", "share by which they may grow"),
    limit("max_days_back", "days that the newest invoice date may go back", whole=True),
    limit("max_days_ahead", "days that it may go ahead", whole=True),
    limit("max_invoice_days_lost", "days with invoice lines that the history may lose", whole=True),
    limit("max_quantity_change", "share by which the mean quantity of a line may change"),
    limit("max_customers_missing", "share of the customers who may be gone", highest=1),
    limit("max_customers_in_another_segment", "share of the customers who may stand in another segment", highest=1),
    limit("max_baskets_lost", "share of the baskets that may be gone", highest=1),
    limit("max_segment_loss", "share of the baskets of one segment that may be gone", highest=1),
    limit("max_segments_change", "share by which the number of segments may change"),
    limit("max_clusters_factor", "times as many, or as few, clusters", lowest=1),
    limit("max_rules_factor", "times as many, or as few, rules", lowest=1),
    limit("max_rule_places_change", "change of the share of places from rules", highest=1),
    limit("max_places_changed", "share of the places that may show another product", highest=1),
    limit("min_jump", "what concerns fewer rows, customers or places is no jump", whole=True),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)
# The log is published, and these are paths and addresses of the server's.
NOT_IN_THE_LOG = ("data_dir", "input_databases")


def check_parameters(values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise Refused for an illegal parameter.

    values: in force, by name; given: for this run alone, where a misspelt name would leave the default in force without
    a word.
    """
    for name in given:
        if name not in NAMES:
            raise Refused(f"ipre parameter: there is no '{name}'. Did you mean '{nearest(name, NAMES)}'?")
    for parameter in PARAMETERS:
        value = values[parameter.name]
        if isinstance(parameter, MayBeEmpty) and parameter.name in given and not str(value).strip():
            raise given_but_empty(parameter.name)
        parameter.check(value)
    weights = ("confidence_weight", "support_weight", "recency_weight")
    total = round(sum(values[name] for name in weights), 9)
    if total != 1:
        raise illegal(" + ".join(weights), "a sum of 1", total)
    if values["lost_from"] < values["reorder_from"]:
        raise illegal("lost_from", f"reorder_from ({values['reorder_from']}) or more", values["lost_from"])
    check_input_maps(values)


def check_input_maps(values: Mapping[str, Any]) -> None:
    """Check where the input tables are, and what their columns are called there."""
    tables = {name: table for name, table in input_tables().items() if not table.from_rating_store}
    for name in ("input_relations", "input_columns"):
        check_keys(name, values[name], tables, "input table")
    for name in ("input_relations", "input_databases"):
        check_texts(name, values[name])
    [columns_of_tables] = [parameter for parameter in PARAMETERS if parameter.name == "input_columns"]
    for table, columns in values["input_columns"].items():
        columns_of_tables.check(columns)
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
    """Give what moves numbers and is no longer what it was, in words by name. before, now: as the log has them."""
    return {
        name: f"{name} was {json.dumps(before[name])}, is {json.dumps(now[name])}"
        for name in sorted(parameter.name for parameter in PARAMETERS if parameter.moves_numbers)
        if name in before and before[name] != now[name]
    }


def is_text(value: Any) -> bool:
    """Whether this is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def illegal(name: str, legal: str, value: Any) -> Refused:
    """Word the refusal of a value."""
    return Refused(f"ipre parameter: {name} must be {legal}; got '{value}'. Change it in dbt_project.yml or in --vars.")


def given_but_empty(name: str) -> Refused:
    """Word the refusal of nothing."""
    return Refused(
        f"ipre parameter: {name} is given but empty. Give it a value, or leave it out; was a variable of the scheduler "
        "not set?"
    )


def defaults() -> dict[str, Any]:
    """Give the values that stand in dbt_project.yml."""
    return yaml.safe_load(PROJECT_FILE.read_text())["vars"]


def table() -> str:
    """Give the table of docs/parameters.md."""
    values = defaults()
    lines = ["| parameter | default | legal | effect |", "|---|---|---|---|"]
    for one in PARAMETERS:
        value = values[one.name]
        word = f"`{value}`" if isinstance(value, str) else value
        default = one.default or (word if isinstance(value, str | int | float) else "none")
        lines.append(f"| `{one.name}` | {default} | {one.legal_on_the_page} | {one.effect} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Give docs/parameters.md with the table as it is now: the first one on the page."""
    before, start, rest = PAGE.read_text().partition("| parameter |")
    assert start, f"{PAGE} has no table of parameters"
    return before + table() + "\n" + rest.partition("\n\n")[2]


if __name__ == "__main__":
    PAGE.write_text(page())
