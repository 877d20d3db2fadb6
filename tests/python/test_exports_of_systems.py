"""Exports of SAP and of Odoo, in the shapes of their documentation, come in as docs/sources.md says."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from decimal import Decimal

import pytest
import yaml
from conftest import PROJECT
from staged import Staged
from test_input_sources import load_sqlite

from ipre.run.inputs import InputSettings

PAGE = (PROJECT / "docs" / "sources.md").read_text()
VIEWS = {re.search(r"ipre_(\w+)_lines", sql)[1]: sql for sql in re.findall(r"```sql view\n(.*?)```", PAGE, re.S)}
SETTINGS = {
    text.split(".main")[0].split()[-1]: yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
}
CUSTOMERS, PRODUCTS = range(1, 7), range(1, 9)


def sap_tables() -> dict[str, list[list]]:
    """Billing documents with a credit memo, a cancelled document, its cancellation and a pro forma invoice."""
    headers = [["MANDT", "VBELN", "FKART", "VBTYP", "FKDAT", "KUNAG", "WAERK", "FKSTO", "SFAKN"]]
    items = [["MANDT", "VBELN", "POSNR", "MATNR", "FKIMG", "VRKME", "FKLMG", "MEINS", "NETWR"]]

    def document(
        number: int, kind: str, category: str, customer: int, lines: dict, is_cancelled="", cancels=""
    ) -> None:
        vbeln = f"{90000000 + number:010}"
        day = f"2025{1 + number % 5:02}{10 + number % 18:02}"
        headers.append(["100", vbeln, kind, category, day, f"{customer:010}", "EUR", is_cancelled, cancels])
        for place, (product, quantity) in enumerate(lines.items(), start=1):
            cases = f"{quantity / 12:.3f}"
            items.append(
                ["100", vbeln, f"{10 * place:06}", f"{product:018}", cases, "CS", f"{quantity}.000", "EA", "9.90"]
            )

    for number in range(30):
        bought = {1 + (number + step) % len(PRODUCTS): 12 * (1 + (number + step) % 3) for step in range(3)}
        document(number, "F2", "M", 1 + number % len(CUSTOMERS), bought)
    document(40, "G2", "O", 1, {1: 12})
    document(41, "G2", "O", 2, {4: 5000})
    document(42, "F2", "M", 3, {1: 6000}, is_cancelled="X")
    document(43, "S1", "N", 3, {1: 6000}, cancels="0090000042")
    document(44, "F8", "U", 4, {2: 600})
    return {
        "VBRK": headers,
        "VBRP": items,
        "KNA1": [
            ["KUNNR", "NAME1", "LAND1", "REGIO", "BRSCH", "ORT01", "LOEVM"],
            *[[f"{n:010}", f"Kunde {n}", "DE", "BY", "BAU", "Ulm", ""] for n in CUSTOMERS],
        ],
        "MARA": [
            ["MATNR", "MTART", "MATKL", "SPART", "MEINS", "MAKTX", "LVORM"],
            *[[f"{n:018}", "HAWA", f"M{n % 3}", "01", "EA", f"Schraube {n}", ""] for n in PRODUCTS],
        ],
    }


def sap_baskets(tables: dict[str, list[list]]) -> dict[tuple[str, str], Decimal]:
    """What the documents mean, line by line."""
    header, *rows = tables["VBRK"]
    documents = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    baskets: Counter = Counter()
    for _, vbeln, _, matnr, _, _, quantity, *_ in tables["VBRP"][1:]:
        document = documents[vbeln]
        if document["FKSTO"] or document["SFAKN"] or document["VBTYP"] not in "MO":
            continue
        sign = -1 if document["VBTYP"] == "O" else 1
        baskets[document["KUNAG"], matnr] += sign * Decimal(quantity)
    return baskets


def odoo_tables() -> dict[str, list[list]]:
    """Invoices with taxes and payment terms, credit notes, a draft, and a supplier's bill."""
    moves = [["id", "name", "move_type", "state", "partner_id", "invoice_date"]]
    lines = [
        ["id", "move_id", "move_name", "parent_state", "partner_id", "product_id", "display_type", "quantity",
         "price_unit", "debit", "credit", "date"]
    ]  # fmt: skip

    def move(number: int, kind: str, partner: int, bought: dict, state="posted") -> None:
        name = f"{'RINV' if kind == 'out_refund' else 'INV'}/2025/{number:05}"
        day = f"2025-{1 + number % 5:02}-{10 + number % 18:02}"
        moves.append([number, name, kind, state, partner, day])
        for product, quantity in bought.items():
            lines.append([len(lines), number, name, state, partner, product, "product", quantity, 5.0, 0.0, 9.0, day])
        lines.append([len(lines), number, name, state, partner, None, "tax", 1.0, 0.0, 0.0, 1.9, day])
        lines.append([len(lines), number, name, state, partner, None, "payment_term", 1.0, 0.0, 10.9, 0.0, day])
        lines.append([len(lines), number, name, state, partner, None, "line_note", 0.0, 0.0, 0.0, 0.0, day])

    for number in range(1, 31):
        bought = {10 + (number + step) % len(PRODUCTS): 1.5 * (1 + (number + step) % 3) for step in range(3)}
        move(number, "out_invoice", 1 + number % len(CUSTOMERS), bought)
    move(40, "out_refund", 1, {11: 1.5})
    move(41, "out_refund", 2, {14: 500.0})
    move(42, "out_invoice", 3, {12: 600.0}, state="draft")
    move(43, "in_invoice", 4, {12: 700.0})
    return {
        "account_move": moves,
        "account_move_line": lines,
        "res_partner": [
            ["id", "name", "city", "state_id", "industry_id", "user_id", "is_company"],
            *[[n, f"Partner {n}", "Ghent", "East", "Construction", "Ada", True] for n in CUSTOMERS],
        ],
        "product_product": [
            ["id", "name", "default_code", "categ_id", "list_price", "active"],
            *[[9 + n, f"Product {n}", f"FURN_{n}", "All / Saleable", 5.0, True] for n in PRODUCTS],
        ],
    }


def odoo_baskets(tables: dict[str, list[list]]) -> dict[tuple[str, str], Decimal]:
    """What the entries mean, line by line."""
    kinds = {row[0]: row[2] for row in tables["account_move"][1:]}
    baskets: Counter = Counter()
    for row in tables["account_move_line"][1:]:
        line = dict(zip(tables["account_move_line"][0], row, strict=True))
        kind = kinds[line["move_id"]]
        if line["display_type"] == "product" and line["parent_state"] == "posted" and kind.startswith("out_"):
            sign = -1 if kind == "out_refund" else 1
            baskets[str(line["partner_id"]), str(line["product_id"])] += sign * Decimal(str(line["quantity"]))
    return baskets


@pytest.mark.parametrize(
    ("system", "tables", "expected"), [("sap", sap_tables, sap_baskets), ("odoo", odoo_tables, odoo_baskets)]
)
def test_an_export_comes_in_by_its_own_names_and_one_view(tmp_path, system, tables, expected):
    file = tmp_path / "erp.db"
    load_sqlite(file, tables())
    with sqlite3.connect(file) as connection:
        connection.execute(VIEWS[system])
    connection.close()
    given = SETTINGS[system]
    settings = InputSettings("", given["input_relations"], {system: f"sqlite:{file}"})
    staged = Staged(settings, columns=given["input_columns"])
    baskets = staged.rows("select customer_id, product_id, sum(quantity) from stg_invoice_lines group by all")
    assert {(customer, product): quantity for customer, product, quantity in baskets} == expected(tables())
    assert staged.rejected() == []
