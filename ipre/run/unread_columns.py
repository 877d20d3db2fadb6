"""Columns of an export that ipre does not read though they may change what a row means: its type, status or unit.

Only such a column distinguishes a credit note with a positive quantity, a canceled document or a case of 24 from any
other row. They are listed in `input.unread_columns`, and from there in input_findings. So are files that may be parts
of a table: one of the year before, or a newer download.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from .input_tables import InputTable

UNREAD_COLUMNS = "unread_columns"
COLUMNS = "source_table varchar, column_name varchar, cells varchar, row_count bigint, mixed bigint, a_mixed_id varchar"
# Parts of names in exports of Odoo, SAP, NetSuite, spreadsheets; of German ones, too.
UNITS = {"unit", "units", "uom", "uoms", "um", "meins", "vrkme", "pack", "packaging", "packing", "einheit"}
KINDS = UNITS | {
    *("type", "typ", "kind", "art", "status", "state", "sign", "direction", "vorzeichen", "movement"),
    *("credit", "refund", "refunded", "return", "returned", "void", "voided", "reversal", "reversed", "deleted"),
    *("cancel", "cancelled", "canceled", "cancellation", "storno", "storniert", "draft", "posted", "confirmed"),
    *("fkart", "fksto", "vbtyp", "auart", "pstyv", "shkzg", "sfakn", "lvorm", "loevm", "kpein", "peinh"),
    *("active", "inactive", "blocked", "closed", "discontinued", "obsolete", "tran", "factor", "conversion"),
    *("dc", "drcr", "kennzeichen", "gutschrift", "avoir", "tipo", "estado", "stato", "statut", "soort", "unidad"),
}
# One word of several: doctype, belegart, mengeneinheit.
ENDINGS = ("type", "typ", "gart", "sart", "tart", "status", "einheit", "unit", "uom")
# A number or a day is neither: unit_price, return_date. The units that a price is for are: price_unit.
NEITHER = {"price", "cost", "amount", "value", "total", "rate", "date", "at", "on", "by", "time"}
PRICE_UNITS = {"priceunit", "currency", "waers", "waehrung", "währung"}
# A column with more values does not say what kind of row it is.
MOST_VALUES = 20
SHOWN_VALUES, MOST_SIGNS = 8, 30


def words_of(name: str) -> set[str]:
    """Return the words of a column's name and the whole of it, in lower case: MoveType has two, U/M is um."""
    return {re.sub("[^a-z]", "", name.lower())} | {
        word.lower() for word in re.findall(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+(?![a-z])", name)
    }


def says_unit(name: str) -> bool:
    """Whether a column looks as if it contained units."""
    return any(word in UNITS or word.endswith(("einheit", "uom")) for word in words_of(name))


def look_alikes(found: list[str], table: InputTable) -> list[str]:
    """Return the columns that are not read and look like a type, a status or a unit, in their order."""
    if table.may_be_absent:
        return []
    return [
        name
        for name in table.others(found)
        if found.count(name) == 1 and says_kind(words_of(name), PRICE_UNITS if table.money else set())
    ]


def says_kind(words: set[str], others: set[str]) -> bool:
    """Whether words of a column's name are of a type, a status or a unit, or among some others."""
    is_kind = any(word in KINDS or (len(word) > 5 and word.endswith(ENDINGS)) for word in words)
    return bool(words & others) or (is_kind and not words & NEITHER)


def files_alike(files: Iterable[str], table: InputTable) -> list[str]:
    """Return the files with the table's name and only digits and signs behind it: invoices_2025, invoices (1)."""
    alike = re.compile(rf"{table.name}[^a-z]+[.](csv|parquet)", re.IGNORECASE)
    return [name for name in files if alike.fullmatch(name)]


def counted(
    rows: Callable[[str], list[tuple]],
    relation: str,
    table: InputTable,
    columns: dict[str, str],
    product: str = "product_id",
) -> list[tuple[Any, ...]]:
    """Count the values of some columns, as rows of `input.unread_columns`; one with a single value has none.

    columns: name in the source -> SQL of its text; product: SQL of the product's id.
    """
    found = []
    for name, text in columns.items():
        cells = rows(
            f"select coalesce({text}, '') as cell, count(*) as row_count from {relation} group by 1 "
            f"order by row_count desc, cell limit {MOST_VALUES + 1}"
        )
        if not 1 < len(cells) <= MOST_VALUES:
            continue
        words = ", ".join(f"{cell.strip()[:MOST_SIGNS] or 'empty'} ({count:,})" for cell, count in cells[:SHOWN_VALUES])
        mixed, example = 0, None
        if table.name == "invoices" and says_unit(name):
            [(mixed, example)] = rows(
                f"select count(*), min(product) from (select {product} as product from {relation} "
                f"where {text} <> '' group by 1 having count(distinct {text}) > 1) as mixed"
            )
        total = sum(count for _, count in cells)
        found.append((table.name, name, words + (" ..." if len(cells) > SHOWN_VALUES else ""), total, mixed, example))
    return found
