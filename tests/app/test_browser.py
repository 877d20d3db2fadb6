"""The app in a real browser, started as people start it: by keyboard, through a build, and with nobody else asked."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ipre import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="there is no chromium on this machine: the app is not tried in a browser"
)
# A build may run beside.
PATIENCE = 90_000
TABS = 40
# What the focus is on says, after the name of its group; the whole page, which can have it, too, says everything.
FOCUSED = """() => {
    const e = document.activeElement;
    const said = [e.closest("[role=radiogroup]")?.ariaLabel, e.ariaLabel, e.innerText];
    return ["BODY", "MAIN"].includes(e.tagName) ? "the page" : said.filter(Boolean).join(" ");
}"""


@pytest.fixture(scope="module")
def home(demo, tmp_path_factory) -> Path:
    """A folder with the demo's warehouse and published files, to be built again."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copy(demo / "ipre.duckdb", folder)
    shutil.copytree(demo / "published", folder / "published", symlinks=True)
    return folder


@pytest.fixture(scope="module")
def settings(home) -> dict[str, str]:
    """The environment of build and app."""
    return {
        **os.environ,
        "IPRE_WAREHOUSE": str(home / "ipre.duckdb"),
        "IPRE_PUBLISH_DIR": str(home / "published"),
        "IPRE_RATINGS_URL": f"sqlite:///{home}/ratings/ratings.sqlite",
    }


@pytest.fixture(scope="module")
def address(home, settings) -> Iterator[str]:
    """The address of the running app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "app.log"
    with log.open("w") as output:
        command = [sys.executable, serving.PROJECT / "app" / "start.py"]
        app = subprocess.Popen(command, env={**settings, "IPRE_APP_PORT": str(port)}, stdout=output, stderr=output)
        try:
            wait_for(port)
            said = log.read_text()
            assert f"http://127.0.0.1:{port}" in said
            assert str(home / "ratings" / "ratings.sqlite") in said
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            app.wait()


def build(home: Path, settings: dict[str, str]) -> None:
    """Build the demo again, as the next run does."""
    options = ["--quiet", "--no-write-json", f"--target-path={home}/target", f"--log-path={home}/logs"]
    done = subprocess.run(
        [serving.PROJECT / ".venv" / "bin" / "dbt", "build", *options],
        cwd=serving.PROJECT,
        env={**settings, "DBT_PROFILES_DIR": ".", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the app did not start"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def asked() -> set[str]:
    """The machines that the browser asked for anything, filled by `opened`."""
    return set()


def opened(browser: Browser, address: str, asked: set[str]) -> Page:
    """A new visitor at the start of the app."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or "itself"))
    page.on("websocket", lambda socket: asked.add(urlsplit(socket.url).hostname))
    page.goto(address)
    return page


def signed_in(page: Page, name: str) -> Page:
    """Choose a name by keyboard, on the first page."""
    choose_name(page, name)
    expect(page.get_by_role("heading", name="My customers")).to_be_visible()
    return page


def choose_name(page: Page, name: str) -> None:
    """Choose a name by keyboard."""
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_visible()
    tab_to(page, "Your name")
    page.keyboard.type(name)
    expect(page.get_by_role("option", name=name).first).to_be_visible()
    page.keyboard.press("Enter")


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what has the focus says this."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{TABS} times Tab do not reach {wanted}; the last was {page.evaluate(FOCUSED)}")


def offered(home: Path, customer: str) -> list[str]:
    """The names on a customer's list, in their order, as readers see it now."""
    query = "select product_name from final_recommendations where customer_name = ? order by rank"
    with duckdb.connect(str(home / "published" / serving.SERVING_FILE), read_only=True) as lists:
        return [name for (name,) in lists.execute(query, [customer]).fetchall()]


def test_a_product_rated_low_by_keyboard_alone_goes_down_with_the_next_build(home, settings, browser, address, asked):
    page = signed_in(opened(browser, address, asked), "Paula Miller")
    best = page.get_by_test_id("stPageLink").filter(has_text=re.compile("^1[.] "))
    expect(best).to_be_visible()
    name = best.inner_text().partition(". ")[2]
    before = offered(home, name)
    tab_to(page, f"1. {name}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text(f"1. {before[0]}", exact=True)).to_be_visible()

    expect(page.get_by_role("heading", name="Visit notes")).to_be_visible()  # Drawn to its end: the focus stays.
    # The browser loads the buttons after the rest: until then Tab would lead past them, to the next product's.
    expect(page.get_by_role("radiogroup", name=f"Rate {before[0]}")).to_be_visible()
    tab_to(page, f"Rate {before[0]} High")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("Rated Low by Paula Miller"))).to_be_visible()
    assert page.evaluate(FOCUSED) == f"Rate {before[0]} Low"  # She goes on from where she is.

    build(home, settings)
    after = offered(home, name)
    assert before[0] not in after
    # Nobody touches the page.
    expect(page.get_by_text(f"1. {after[0]}", exact=True)).to_be_visible()
    expect(page.get_by_text("Rated, but not on today's list (1)")).to_be_visible()
    assert asked - {"itself"} == {"127.0.0.1"}


def test_pages_lead_to_each_other_and_none_asks_another_machine_for_anything(browser, address, asked):
    page = signed_in(opened(browser, address, asked), "Paula Miller")
    for _ in range(2):  # The same customer opens again.
        page.get_by_test_id("stPageLink").first.click()
        expect(page.get_by_role("heading", name="What to offer")).to_be_visible()
        for name in ("Is it working?", "Impact", "My customers"):
            page.get_by_test_id("stSidebarNav").get_by_text(name, exact=True).click()
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
            page.wait_for_timeout(500)
    assert asked - {"itself"} == {"127.0.0.1"}


def test_a_link_to_a_customer_leads_there_after_signing_in(home, browser, address, asked):
    with duckdb.connect(str(home / "published" / serving.SERVING_FILE), read_only=True) as lists:
        [(customer, name)] = lists.execute("select customer_id, customer_name from account_brief limit 1").fetchall()
    page = opened(browser, f"{address}/customer?customer={customer}", asked)
    choose_name(page, "Paula Miller")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_how_long_pages_take_to_open_is_reported(browser, address, asked, capsys):
    page = signed_in(opened(browser, address, asked), "Paula Miller")
    found = {}
    for name, link, heading in (("customer", None, "What to offer"), ("product", "P00601", "Customers to call")):
        if link:
            # A page that is still being drawn would lose what is typed.
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            page.get_by_label("Search").fill(link)
            page.keyboard.press("Enter")
            expect(page.get_by_test_id("stPageLink").filter(has_text=link).first).to_be_visible()
        began = time.monotonic()
        page.get_by_test_id("stPageLink").filter(has_text=link or "").first.click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        found[name] = time.monotonic() - began
    with capsys.disabled():
        print("\nopened on the demo: " + ", ".join(f"{name} page {seconds:.1f} s" for name, seconds in found.items()))
