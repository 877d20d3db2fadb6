"""What README and docs/ say is what the project does: every query runs, and every quoted number is recomputed.

A block of SQL may be followed by the table of its rows. The queries of numbers in sentences are in docs/figures.yml.
All of it is about the demo.
"""

import importlib.util
import re
import sys
from decimal import Decimal

import duckdb
import pandas
import pytest
import yaml
from conftest import PROJECT

from ipre.run.input_tables import input_tables

PAGES = sorted([*PROJECT.glob("*.md"), PROJECT / ".github" / "SECURITY.md", *(PROJECT / "docs").glob("*.md")])
SQL_BLOCK = re.compile(r"```sql\n(.*?)```\n(?:\n((?:\|[^\n]*\n)+))?", re.DOTALL)
FIGURES = yaml.safe_load((PROJECT / "docs" / "figures.yml").read_text())
FIGURE = re.compile(r"\{(.+?)\}")
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)(?:#([\w-]+))?\)")


@pytest.fixture(scope="module")
def warehouse(demo_build):
    """The demo's warehouse, as an analyst opens it after a build."""
    with duckdb.connect(str(demo_build.warehouse), read_only=True) as connection:
        yield connection


def blocks():
    return [
        pytest.param(sql, table, id=f"{page.name} {number}")
        for page in PAGES
        if page.name != "what-ipre-cannot-see.md"  # Its views are of other data: test_real_exports_counting.py.
        for number, (sql, table) in enumerate(SQL_BLOCK.findall(page.read_text()), start=1)
    ]


def written(value, like: str) -> str:
    """A value as a page writes it: with as many decimals and separators as the text that stands there."""
    if value is None:
        return ""
    if isinstance(value, float | int | Decimal) and not isinstance(value, bool):
        decimals = len(like.partition(".")[2].rstrip(" %"))
        return f"{value:,.{decimals}f}" if "," in like or abs(value) < 1000 else f"{value:.{decimals}f}"
    return str(value)


@pytest.mark.parametrize(("sql", "table"), blocks())
def test_every_query_runs_and_returns_the_rows_below_it(warehouse, sql, table):
    result = warehouse.execute(sql)
    names, rows = [column[0] for column in result.description], result.fetchall()
    if table:
        cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        header, _, *shown = cells
        assert header == names
        computed = [
            [written(value, like) for value, like in zip(row, line, strict=True)]
            for row, line in zip(rows, shown, strict=True)
        ]
        assert shown == computed


@pytest.mark.parametrize("figures", FIGURES, ids=lambda figures: f"{figures['page']} {figures['says'][0]}")
def test_every_quoted_number_is_what_its_query_returns(warehouse, figures):
    page = " ".join((PROJECT / figures["page"]).read_text().split())
    assert [words for words in figures["says"] if FIGURE.sub(r"\1", words) not in page] == []
    [row] = warehouse.execute(figures["sql"]).fetchall()
    said = FIGURE.findall(" ".join(figures["says"]))
    assert said == [written(value, like) for value, like in zip(row, said, strict=True)]


def test_the_figures_that_prove_how_numbers_hang_together_are_checked():
    assert len(blocks()) >= 10
    assert len(FIGURES) >= 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target, heading in LINK.findall(page.read_text()):
        path = (page.parent / target).resolve()
        assert path.exists(), f"{page.name} links to {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}
            assert heading in slugs, f"{page.name} links to {target}#{heading}"


def test_readme_is_one_page():
    readme = (PROJECT / "README.md").read_text()
    assert len(readme.splitlines()) <= 80
    assert len(readme.split()) < 1000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_read_as_it_is_in_one_sitting_and_says_what_its_reader_will_have_at_the_end(page):
    text = page.read_text()
    assert not re.search(r"<!--[^>]*\b(select|from)\b", text), "queries of figures are in docs/figures.yml"
    assert len(text.split()) <= (4000 if page.name == "DECISIONS.md" else 1500), "split it by task"
    if page.parent.name == "docs":
        assert text.splitlines()[2].startswith("At the end of this page")


def test_the_program_for_online_retail_ii_writes_the_three_tables(tmp_path, monkeypatch):
    page = (PROJECT / "docs" / "online-retail-ii.md").read_text()
    program = re.search(r"<<'END'\n(.*?)^END$", page, re.DOTALL | re.MULTILINE)[1]
    names = ["PINK HEART LANTERN"] * 12 + ["HEART"] * 48 + ["GLOBE"]
    header = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
    rows = [[str(n), f"P{n}", name, "2", "2010-12-08 09:00:00", "1.25", "13", "EIRE"] for n, name in enumerate(names)]
    last = ["C99", "P0", None, "-1", "2010-12-09 10:00:00", "0", None, "Cyprus"]
    sheets = {"first": [*rows, ["98", *last[1:]]], "second": [rows[0], [*last[:4], "2010-12-10 08:00:00", *last[5:]]]}
    frames = {name: pandas.DataFrame(found, columns=header) for name, found in sheets.items()}
    monkeypatch.setattr(pandas, "read_excel", lambda *_, **__: frames)
    monkeypatch.chdir(tmp_path)
    exec(program, {})
    tables = ("customers", "products", "invoices")
    read = {table: pandas.read_csv(f"online_retail_ii/{table}.csv", dtype=str) for table in tables}
    assert not [table for table, found in read.items() if set(input_tables()[table].required) - set(found)]
    # The second sheet repeats a day of the first.
    assert list(read["invoices"]["invoice_id"]) == [*map(str, range(61)), "98", "C99"]
    assert read["customers"][["customer_id", "region"]].values.tolist() == [["13", "Western Europe"]]
    products = read["products"].set_index("product_id")[["l2_category", "l3_category", "unit_price"]]
    assert list(products.loc["P0"]) == ["HEART", "LANTERN", "1.25"]
    assert list(products.loc["P60"]) == ["OTHER", "OTHER", "1.25"]


def test_every_published_table_is_on_its_page(demo_build):
    manifest = demo_build.manifest
    tables = (PROJECT / "docs" / "tables.md").read_text()
    public = [
        node["alias"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] != "private"
    ]
    assert not [name for name in public if f"`{name}`" not in tables]


def test_the_picture_of_the_stages_is_that_of_the_manifest(demo_build):
    spec = importlib.util.spec_from_file_location("draw_dag", PROJECT / "docs" / "draw_dag.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    manifest = demo_build.manifest
    assert module.PICTURE.read_text() == module.picture(manifest), "run `make docs`"
