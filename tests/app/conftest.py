"""The lists of a few customers, cut out of the demo's; pages that show them, and a desk with worksheets of them.

Runs in the app's environment, which has no dbt: the demo is built by the one beside it, once for all test runs.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from desk import Desk
from streamlit.testing.v1 import AppTest

import rating_store
from ipre import serving

# A whole page needs a moment on a busy machine.
SECONDS = 30
PAULA, ROBERT = "Paula Miller", "Robert Reed"
# Signs that markdown would take for something else.
ODD_NAME = "Cost*less $5 _Tools_ [x](y) & $6"
# What a spreadsheet would run or shorten, and what looks like an escape of its file format.
AWKWARD = {
    "customer_name": ["=1+1", "+49 30 1234", "@Home", "https://example.org/", "00123", "Zoë & Søn <GmbH>", "A_x0041_B"],
    "product_name": ['=HYPERLINK("https://example.org/")', "-5 °C Valve", "1e3", "Two  blanks", "Line\nbreak"],
}
LISTS = ("final_recommendations", "account_brief", "reorders_due", "lost_products", "product_targets")
CUSTOMERS_EACH = 8


@pytest.fixture(scope="session")
def demo() -> Path:
    """The folder of a build of the demo, with its warehouse. Not to be changed."""
    command = [serving.PROJECT / ".venv" / "bin" / "python", serving.PROJECT / "tests" / "python" / "builds.py", "demo"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IPRE_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def small(demo, tmp_path_factory) -> Path:
    """A folder with the lists of two account managers and of customers without one. Not to be changed."""
    published = tmp_path_factory.mktemp("small") / "published"
    current = (demo / "published" / "current").resolve()
    (published / "sets" / current.name).mkdir(parents=True)
    (published / "current").symlink_to(f"sets/{current.name}")
    file = published / serving.SERVING_FILE
    shutil.copyfile(current / file.name, file)
    with duckdb.connect(str(file)) as lists:
        lists.execute(f"""
            create table kept as
            select customer_id, nullif(account_manager, 'Grace Park') as account_manager
            from account_brief where account_manager in ('{PAULA}', '{ROBERT}', 'Grace Park')
            qualify row_number() over (
                partition by account_manager order by reorders_due > 0 and lost_products > 0 desc, customer_id
            ) <= {CUSTOMERS_EACH}
        """)
        for table in LISTS:
            lists.execute(f"delete from {table} where customer_id not in (select customer_id from kept)")
            lists.execute(f"update {table} set account_manager = null where account_manager = 'Grace Park'")
        for column, texts in AWKWARD.items():
            key = column.replace("_name", "_id").replace("product_id", "recommended_product")
            for number, text in enumerate(texts):
                lists.execute(
                    f"update final_recommendations set {column} = ? where {key} = (select {key} from "
                    f"final_recommendations where account_manager = '{PAULA}' group by 1 order by 1 offset ? limit 1)",
                    [text, number],
                )
        lists.execute(
            "update account_brief set customer_name = ? where customer_id = (select max(customer_id) from kept where "
            f"account_manager = '{ROBERT}')",
            [ODD_NAME],
        )
        lists.execute("drop table kept")
    return published


@pytest.fixture
def published(small, tmp_path, monkeypatch) -> Path:
    """A copy of the small lists where readers look, and a store of ratings of the test's own."""
    folder = shutil.copytree(small, tmp_path / "published", symlinks=True)
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(folder))
    monkeypatch.setenv("IPRE_RATINGS_URL", f"sqlite:///{tmp_path}/ratings/ratings.sqlite")
    monkeypatch.delenv("IPRE_SIGN_IN", raising=False)
    rating_store.opened.clear()
    return folder


@pytest.fixture
def lists(request, published, monkeypatch) -> serving.Published:
    """What readers see: the small lists or, as a parameter `demo`, all of the demo's."""
    if getattr(request, "param", "small") == "demo":
        monkeypatch.setenv("IPRE_PUBLISH_DIR", str(request.getfixturevalue("demo") / "published"))
    return serving.current()


@pytest.fixture
def hers(lists) -> list[str]:
    """Paula Miller's customers: first those of whom every list says something."""
    return [
        row["customer_id"]
        for row in lists.rows(
            "from account_brief where account_manager = $name "
            "order by least(reorders_due, lost_products, 1) desc, customer_id",
            name=PAULA,
        )
    ]


@pytest.fixture
def change(published) -> Callable[..., None]:
    """Change what is published, before anybody reads it."""

    def execute(statement: str, *values: object) -> None:
        with duckdb.connect(str(published / serving.SERVING_FILE)) as file:
            file.execute(statement, values)

    return execute


@pytest.fixture
def assign(change) -> Callable[..., None]:
    """Publish what could be used of an input `account_managers`, and how many rows were read."""

    def write(*rows: tuple[str | None, str, str], read: int) -> None:
        change(f"update build_run_rows set rows_read = {read} where input_table = 'account_managers'")
        for row in rows:
            change("insert into account_managers by name select ? as account_manager, ? as user_name, ? as role", *row)

    return write


@pytest.fixture
def offered(published) -> str:
    """The product that most of these customers, hers among them, are to be called about."""
    with duckdb.connect(str(published / serving.SERVING_FILE)) as file:
        [(product,)] = file.execute(
            f"select product_id from product_targets group by 1 having bool_or(account_manager = '{PAULA}') "
            "order by count(*) desc, 1 limit 1"
        ).fetchall()
    return product


@pytest.fixture
def show_margins(change) -> Callable[[object], None]:
    """Publish a cost of half the price of everything, and who may see margins."""

    def write(allowed: object) -> None:
        for table in ("final_recommendations", "reorders_due", "product_targets"):
            change(f"update {table} set suggested_value = 24680, suggested_margin = 12340")
        change("update account_brief set expected_margin = 12341")
        change("update product_numbers set unit_price = 2, unit_cost = 1")
        change(
            "update build_runs set parameters = json_merge_patch(parameters, ?)", json.dumps({"show_margins": allowed})
        )

    return write


@pytest.fixture
def store(lists) -> rating_store.RatingStore:
    """The store of ratings that the pages write."""
    return rating_store.store_of("demo")


@pytest.fixture
def desk(published, tmp_path) -> Desk:
    """A desk with the small lists, and nothing rated yet."""
    return Desk(tmp_path / "worksheets", os.environ["IPRE_RATINGS_URL"])


def page_named(screen: str, name: str = PAULA, **parameters: str) -> AppTest:
    """A page as this person opens it."""
    script = f"from context import make_context\nfrom screens import {screen}\n{screen}.page(make_context())"
    page = AppTest.from_string(script, default_timeout=SECONDS)
    page.session_state["name"] = name
    for parameter, value in parameters.items():
        page.query_params[parameter] = value
    return page.run()


def customer_page(customer: str, name: str = PAULA) -> AppTest:
    """The page of one customer, as this person opens it."""
    return page_named("customer", name, customer=customer)


def whole_app(name: str | None = None) -> AppTest:
    """The app from its start, on its first page."""
    app = AppTest.from_file(str(serving.PROJECT / "app" / "main.py"), default_timeout=SECONDS)
    if name:
        app.session_state["name"] = name
    return app.run()


def texts(page: AppTest) -> str:
    """All that a page says, without the strokes before signs that markdown would take for something else."""
    kinds = ("title", "header", "markdown", "caption", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind)).replace("\\", "")
