"""Exports of SAP and of Odoo, in the shapes of their documentation, come in as docs/sources.md says."""

from __future__ import annotations

import re
import sqlite3

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
# Billing documents: type, category, customer, pieces of each material, whether it is cancelled, what it cancels. The
# last ones are a cancelled document, its cancellation and a pro forma invoice.
DOCUMENTS = [
    ("F2", "M", 1, {1: 24, 2: 12}, "", ""),
    ("F2", "M", 2, {1: 36}, "", ""),
    ("G2", "O", 1, {1: 12}, "", ""),
    ("G2", "O", 2, {2: 5000}, "", ""),
    ("F2", "M", 3, {1: 6000}, "X", ""),
    ("S1", "N", 3, {1: 6000}, "", "0090000004"),
    ("F8", "U", 3, {2: 600}, "", ""),
]
# Entries: type, state, partner, quantity of each product.
MOVES = [
    ("out_invoice", "posted", 1, {10: 3.0, 11: 1.5}),
    ("out_invoice", "posted", 2, {10: 4.5}),
    ("out_refund", "posted", 1, {10: 1.5}),
    ("out_refund", "posted", 2, {11: 500.0}),
    ("out_invoice", "draft", 3, {11: 600.0}),
    ("in_invoice", "posted", 3, {11: 700.0}),
]


def sap_tables() -> dict[str, list[list]]:
    headers = [["MANDT", "VBELN", "FKART", "VBTYP", "FKDAT", "KUNAG", "WAERK", "FKSTO", "SFAKN"]]
    items = [["MANDT", "VBELN", "POSNR", "MATNR", "FKIMG", "VRKME", "FKLMG", "MEINS", "NETWR"]]
    for number, (kind, category, customer, bought, is_cancelled, cancels) in enumerate(DOCUMENTS):
        vbeln = f"{90000000 + number:010}"
        headers.append(
            ["100", vbeln, kind, category, f"2025011{number}", f"{customer:010}", "EUR", is_cancelled, cancels]
        )
        for place, (product, pieces) in enumerate(bought.items(), start=1):
            in_cases = [f"{pieces / 12:.3f}", "CS", f"{pieces}.000", "EA"]
            items.append(["100", vbeln, f"{10 * place:06}", f"{product:018}", *in_cases, "9.90"])
    return {
        "VBRK": headers,
        "VBRP": items,
        "KNA1": [
            ["KUNNR", "NAME1", "LAND1", "REGIO", "BRSCH", "ORT01", "LOEVM"],
            *[[f"{n:010}", f"Kunde {n}", "DE", "BY", "BAU", "Ulm", ""] for n in (1, 2, 3)],
        ],
        "MARA": [
            ["MATNR", "MTART", "MATKL", "SPART", "MEINS", "MAKTX", "LVORM"],
            *[[f"{n:018}", "HAWA", f"M{n % 3}", "01", "EA", f"Schraube {n}", ""] for n in (1, 2)],
        ],
    }


def odoo_tables() -> dict[str, list[list]]:
    """The entries with their taxes, payment terms and notes."""
    moves = [["id", "name", "move_type", "state", "partner_id", "invoice_date"]]
    lines = [
        ["id", "move_id", "move_name", "parent_state", "partner_id", "product_id", "display_type", "quantity", "date"]
    ]
    for number, (kind, state, partner, bought) in enumerate(MOVES):
        name, day = f"{'RINV' if kind == 'out_refund' else 'INV'}/2025/{number:05}", f"2025-01-1{number}"
        moves.append([number, name, kind, state, partner, day])
        of_products = [(product, "product", quantity) for product, quantity in bought.items()]
        for line in (*of_products, (None, "tax", 1.0), (None, "payment_term", 1.0), (None, "line_note", 0.0)):
            lines.append([len(lines), number, name, state, partner, *line, day])
    return {
        "account_move": moves,
        "account_move_line": lines,
        "res_partner": [
            ["id", "name", "city", "state_id", "industry_id", "user_id", "is_company"],
            *[[n, f"Partner {n}", "Ghent", "East", "Construction", "Ada", True] for n in (1, 2, 3)],
        ],
        "product_product": [
            ["id", "name", "default_code", "categ_id", "list_price", "active"],
            *[[n, f"Product {n}", f"FURN_{n}", "All / Saleable", 5.0, True] for n in (10, 11)],
        ],
    }


@pytest.mark.parametrize(
    ("system", "tables", "expected"),
    [
        ("sap", sap_tables(), {(1, 1): 12, (1, 2): 12, (2, 1): 36, (2, 2): -5000}),
        ("odoo", odoo_tables(), {(1, 10): 1.5, (1, 11): 1.5, (2, 10): 4.5, (2, 11): -500}),
    ],
    ids=["sap", "odoo"],
)
def test_an_export_comes_in_by_its_own_names_and_one_view(tmp_path, system, tables, expected):
    file = tmp_path / "erp.db"
    load_sqlite(file, tables)
    with sqlite3.connect(file) as connection:
        connection.execute(VIEWS[system])
    connection.close()
    given = SETTINGS[system]
    settings = InputSettings("", given["input_relations"], {system: f"sqlite:{file}"})
    staged = Staged(settings, columns=given["input_columns"])
    baskets = staged.rows("select customer_id, product_id, sum(quantity) from stg_invoice_lines group by all")
    lengths = (10, 18) if system == "sap" else (0, 0)
    assert {(customer, product): quantity for customer, product, quantity in baskets} == {
        tuple(str(one).zfill(length) for one, length in zip(pair, lengths, strict=True)): quantity
        for pair, quantity in expected.items()
    }
    assert staged.rejected() == []
