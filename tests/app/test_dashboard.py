"""The dashboard in Superset, started as people start it: every chart has data, and the figures are the lists' own."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator

import duckdb
import pytest
from playwright.sync_api import sync_playwright
from test_browser import CHROMIUM

from ipre import serving

PYTHON = serving.PROJECT / ".venv-dashboard" / "bin" / "python"
START = serving.PROJECT / "dashboards" / "superset" / "start.py"
CHARTS = sorted((START.parent / "export" / "charts").glob("*.yaml"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM or not PYTHON.exists(), reason="there is no chromium, or no .venv-dashboard"),
]
SAID = "(http://127.0.0.1:[0-9]+)/superset.*password ([^\n]+)\n"
# Superset's first start makes hundreds of tables; a build may run beside.
PATIENCE = 600


@pytest.fixture(scope="module")
def superset(demo, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The address of a Superset of the test's own, and the password that it printed."""
    home = tmp_path_factory.mktemp("superset")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {"IPRE_PUBLISH_DIR": str(demo / "published"), "SUPERSET_HOME": str(home)}
    settings = {**os.environ, **folders, "IPRE_DASHBOARD_PORT": str(port)}
    log = home / "log"
    with log.open("w") as output:
        server = subprocess.Popen([PYTHON, START], env=settings, stdout=output, stderr=output)
        try:
            until = time.monotonic() + PATIENCE
            while not (said := re.search(SAID, log.read_text(), re.DOTALL)):
                assert server.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(1)
            yield said[1], said[2]
        finally:
            server.terminate()
            server.wait()
    assert {oct((home / name).stat().st_mode)[-3:] for name in ("key", "password")} == {"600"}


@pytest.fixture(scope="module")
def seen(superset) -> dict[str, list[dict]]:
    """What the dashboard's own requests to the API gave: chart -> rows. The page asks nobody else."""
    address, password = superset
    answers, asked = {}, set()

    def keep(response) -> None:
        if "/api/v1/chart/data" in response.url and response.request.method == "POST":
            chart = json.loads(response.request.post_data)["form_data"]["slice_id"]
            answers[chart] = response.json()["result"][0]["data"] if response.ok else response.text()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1900})
        page.set_default_timeout(PATIENCE * 1000)
        page.on("response", keep)
        page.on("requestfinished", lambda request: asked.add(re.sub("^(https?://[^/]+|[a-z]+:).*", r"\1", request.url)))
        page.goto(f"{address}/login/")
        page.fill("#username", "ipre")
        page.fill("#password", password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        page.goto(f"{address}/superset/dashboard/ipre/")
        names = page.evaluate("fetch('/api/v1/dashboard/ipre/charts').then(answer => answer.json())")["result"]
        until = time.monotonic() + PATIENCE
        while len(answers) < len(CHARTS) and time.monotonic() < until:
            page.wait_for_timeout(1000)
        browser.close()
    assert {place for place in asked if place.startswith("http")} == {address}
    return {chart["slice_name"]: answers[chart["id"]] for chart in names}


@pytest.fixture(scope="module")
def lists(demo) -> Iterator[duckdb.DuckDBPyConnection]:
    """The serving file."""
    with duckdb.connect(str(demo / "published" / serving.SERVING_FILE), read_only=True) as connection:
        yield connection


def test_every_chart_gets_its_data(seen):
    assert len(seen) == len(CHARTS)
    for chart, rows in seen.items():
        assert isinstance(rows, list), rows
        assert rows or chart == "What changed and why", chart  # A first run changes nothing.


def test_the_figures_are_those_of_the_lists(seen, lists):
    [(confidence,)] = lists.execute("select avg(confidence) from final_recommendations").fetchall()
    assert seen["Average confidence"][0]["Average confidence"] == pytest.approx(confidence)
    words = "select replace(source, '_', ' '), count(*) from final_recommendations group by source"
    shown = {row["source_words"]: row["Positions"] for row in seen["Where recommendations come from"]}
    assert shown == dict(lists.execute(words).fetchall())
    money = "coalesce(account_manager, ''), sum(expected_value), sum(offers_value)"
    shown = {row["account_manager"] or "": row for row in seen["Calls and sales by account manager"]}
    for manager, expected, offers in lists.execute(f"select {money} from account_brief group by all").fetchall():
        assert float(shown[manager]["Expected, 28 days"]) == pytest.approx(float(expected)), manager
        assert float(shown[manager]["Offers could add"]) == pytest.approx(float(offers)), manager


def test_a_dashboard_without_lists_says_how_to_make_them(tmp_path):
    settings = {**os.environ, "IPRE_PUBLISH_DIR": str(tmp_path), "SUPERSET_HOME": str(tmp_path / "home")}
    done = subprocess.run([PYTHON, START], env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Run `dbt build` (or `make build` for the demo)" in done.stderr
    assert not (tmp_path / "home").exists()
