"""The app in a real browser, started as people start it: by keyboard, through a build, and with nobody else asked."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from world import PROJECT, World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="there is no chromium on this machine: the app is not tried in a browser"
)
# A build may run beside.
PATIENCE = 90_000
TABS = 40
# What the focus is on says; the whole page, which can have it, too, says everything.
FOCUSED = """() => {
    const e = document.activeElement;
    return ["BODY", "MAIN"].includes(e.tagName) ? "the page" : (e.ariaLabel || "") + " " + (e.innerText || "");
}"""


@pytest.fixture(scope="module")
def world(built, tmp_path_factory) -> World:
    """The distributor with its warehouse, to be built again."""
    folder = tmp_path_factory.mktemp("browser") / "world"
    shutil.copytree(built.folder, folder, symlinks=True)
    return World(folder)


@pytest.fixture(scope="module")
def address(world) -> Iterator[str]:
    """The address of the running app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **world.environment, "IPRE_APP_PORT": str(port)}
    log = world.folder / "app.log"
    with log.open("w") as output:
        app = subprocess.Popen(
            [sys.executable, PROJECT / "app" / "start.py"], env=environment, stdout=output, stderr=output
        )
        try:
            wait_for(port)
            said = log.read_text()
            assert f"http://127.0.0.1:{port}" in said
            assert str(world.ratings) in said
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            app.wait()


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
    """Choose a name by keyboard."""
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    tab_to(page, "Your name")
    page.keyboard.type(name)
    expect(page.get_by_role("option", name=name).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My customers")).to_be_visible()
    return page


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what has the focus says this."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{TABS} times Tab do not reach {wanted}; the last was {page.evaluate(FOCUSED)}")


def rate(page: Page, product: str, rating: str) -> None:
    """Click on a rating."""
    page.get_by_role("radiogroup", name=f"Rate Product {product}").get_by_text(rating, exact=True).click()


def test_a_product_rated_low_by_keyboard_alone_leaves_the_list_with_the_next_build(world, browser, address, asked):
    page = signed_in(opened(browser, address, asked), "Ada King")
    expect(page.get_by_text("Expected value").first).to_be_visible()
    name = page.get_by_test_id("stPageLink").first.inner_text().partition(". ")[2]
    [(customer,)] = world.rows(f"select customer_id from account_brief where customer_name = '{name}'")
    before = world.offers(customer)
    tab_to(page, f"1. {name}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text(f"1. Product {before[0]}", exact=True)).to_be_visible()

    tab_to(page, "High")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("Saved: Low, by Ada King"))).to_be_visible()
    assert "Low" in page.evaluate(FOCUSED)  # She goes on from where she is.

    world.build()
    after = world.offers(customer)
    assert before[0] not in after
    # Nobody touches the page.
    expect(page.get_by_text(f"1. Product {after[0]}", exact=True)).to_be_visible()
    expect(page.get_by_text("Rated, and not on today's list (1)")).to_be_visible()
    assert asked - {"itself"} == {"127.0.0.1"}


def test_of_two_who_rate_one_product_the_second_sees_the_first_and_overwrites_nothing(world, browser, address, asked):
    product = world.offers("C03")[0]
    pages = [signed_in(opened(browser, address, asked), name) for name in ("Ada King", "Ben Ryan")]
    for page in pages:
        page.get_by_test_id("stSidebarNav").get_by_text("Customer", exact=True).click()
        page.get_by_label("Customer", exact=True).fill("C03")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"1. Product {product}", exact=True)).to_be_visible()
    ada, ben = pages
    rate(ben, product, "Low")
    expect(ben.get_by_text(re.compile("Saved: Low, by Ben Ryan"))).to_be_visible()
    rate(ada, product, "High")
    expect(ada.get_by_text(re.compile("Not saved: somebody rated it meanwhile"))).to_be_visible()
    expect(ada.get_by_text(re.compile("Saved: Low, by Ben Ryan"))).to_be_visible()
    rate(ada, product, "High")
    expect(ada.get_by_text(re.compile("Saved: High, by Ada King"))).to_be_visible()


def test_no_page_asks_another_machine_for_anything(browser, address, asked):
    page = signed_in(opened(browser, address, asked), "Ada King")
    for name in ("Is it working?", "Impact", "My customers"):
        page.get_by_test_id("stSidebarNav").get_by_text(name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        page.wait_for_timeout(1000)
    assert asked - {"itself"} == {"127.0.0.1"}
