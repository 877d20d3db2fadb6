"""The picture of the stages, docs/dag.svg, from the manifest: the tables that each stage hands on or publishes.

    dbt parse && python docs/draw_dag.py

A stage is a group of models/groups.yml, in its order; data flows along it. A test fails if the picture is out of date.
"""

import json
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
PICTURE = PROJECT / "docs" / "dag.svg"
INPUTS = ["customers", "products", "invoices", "feedback", "overrides"]
READ_FIRST = "final_recommendations"
PUBLISHED = ["schema main", "<table>.parquet", f"{READ_FIRST}.csv", "ipre_serving.duckdb", "build_runs"]
COLUMNS, WIDTH, GAP, MARGIN = 4, 252, 34, 20
LINE, HEAD = 25, 64
STYLE = """.card{fill:#f8fafc} .stage{fill:#fff;stroke:#475569;stroke-width:1.5} .last{stroke:#b45309;stroke-width:3}
.input{fill:none;stroke:#64748b;stroke-width:1.5;stroke-dasharray:6 4}
.name{font-size:17px;font-weight:bold;fill:#0f172a}
.question{font-size:12px;font-style:italic;fill:#475569} .table{font-size:13px;font-family:monospace;fill:#0f172a}
.published{fill:#e0f2fe} .read{fill:#fde68a} .inner{fill:#fff;stroke:#cbd5e1}
.flow{stroke:#334155;stroke-width:2.5;fill:none;marker-end:url(#arrow)}"""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0 10 5 0 10z" fill="#334155"/></marker></defs>'
)


@dataclass
class Card:
    """One box: its title, the question it answers, and its tables with the style of each."""

    title: str
    question: str
    tables: list[tuple[str, str]]
    style: str = "stage"

    @property
    def height(self) -> int:
        """In pixels."""
        return HEAD + LINE * len(self.tables) + 14


def stages(manifest: dict) -> list[Card]:
    """Return a card per stage that has models, in the order of models/groups.yml."""
    groups = yaml.safe_load((PROJECT / "models" / "groups.yml").read_text())["groups"]
    handed_on = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["access"] != "private"
    ]
    cards = []
    for group in groups:
        tables = []
        for node in sorted(handed_on, key=lambda node: node["alias"]):
            if node["group"] == group["name"]:
                style = "published" if node["config"]["meta"].get("published") else "inner"
                tables.append((node["alias"], "read" if node["alias"] == READ_FIRST else style))
        number = len(cards) + 1
        style = "stage last" if any(name == READ_FIRST for name, _ in tables) else "stage"
        cards.append(Card(f"{number}. {group['name']}", group["owner"]["description"], tables, style))
    return cards


def text(style: str, x: int, y: int, words: str) -> str:
    """Return one line of text."""
    return f'<text class="{style}" x="{x}" y="{y}">{escape(words)}</text>'


def drawn(card: Card, x: int, y: int) -> list[str]:
    """Return the lines of SVG of one card."""
    lines = [
        f'<rect class="{card.style}" x="{x}" y="{y}" width="{WIDTH}" height="{card.height}" rx="10"/>',
        text("name", x + 14, y + 28, card.title),
        text("question", x + 14, y + 48, card.question),
    ]
    for number, (name, style) in enumerate(card.tables):
        top = y + HEAD + LINE * number
        lines.append(f'<rect class="{style}" x="{x + 12}" y="{top}" width="{WIDTH - 24}" height="21" rx="4"/>')
        lines.append(text("table", x + 20, top + 15, name))
    return lines


def picture(manifest: dict) -> str:
    """Return the whole picture as SVG: cards row by row, every second row from right to left."""
    found = stages(manifest)
    cards = [Card("your data", "files, a database, an object store", [(t, "inner") for t in INPUTS], "input")]
    cards += found
    rows = [cards[start : start + COLUMNS] for start in range(0, len(cards), COLUMNS)]
    body, y, before = [], MARGIN, None
    for number, row in enumerate(rows):
        for position, card in enumerate(row):
            column = position if number % 2 == 0 else COLUMNS - 1 - position
            x = MARGIN + column * (WIDTH + GAP)
            body += drawn(card, x, y)
            if before:
                old_x, old_y, old_height = before
                if old_y != y:
                    arrow = f"M{x + WIDTH // 2} {old_y + old_height + 3}V{y - 4}"
                elif x > old_x:
                    arrow = f"M{old_x + WIDTH + 3} {y + 34}H{x - 4}"
                else:
                    arrow = f"M{old_x - 3} {y + 34}H{x + WIDTH + 4}"
                body.append(f'<path class="flow" d="{arrow}"/>')
            before = (x, y, card.height)
        y += max(card.height for card in row) + GAP
    width = 2 * MARGIN + COLUMNS * WIDTH + (COLUMNS - 1) * GAP
    body += published(width, y)
    height = y + 72 + MARGIN
    names = ", ".join(card.title.split(". ")[1] for card in found)
    title = (
        f"Customers, products, invoices and feedback flow one way through {len(found)} stages: {names}. When "
        f"every test has passed, the colored tables are published at once; dashboards read {READ_FIRST} there."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="Helvetica, Arial, sans-serif" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(title)}</title>',
            f"<style>\n{STYLE}\n</style>",
            ARROW,
            f'<rect class="card" width="{width}" height="{height}" rx="14"/>',
            *body,
            "</svg>\n",
        ]
    )


def published(width: int, y: int) -> list[str]:
    """Return the lines of SVG of what readers see."""
    words = "the colored tables, all at once, when every test has passed; otherwise the last good run stays"
    lines = [
        f'<rect class="stage last" x="{MARGIN}" y="{y}" width="{width - 2 * MARGIN}" height="72" rx="10"/>',
        text("name", MARGIN + 14, y + 28, "published"),
        text("question", MARGIN + 118, y + 28, words),
    ]
    each = (width - 2 * MARGIN - 24) // len(PUBLISHED)
    for number, name in enumerate(PUBLISHED):
        x = MARGIN + 12 + number * each
        lines.append(f'<rect class="read" x="{x}" y="{y + 40}" width="{each - 10}" height="21" rx="4"/>')
        lines.append(text("table", x + 8, y + 55, name))
    return lines


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "target"
    PICTURE.write_text(picture(json.loads((target / "manifest.json").read_text())))
