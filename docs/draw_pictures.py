"""The pictures of the pages, docs/pictures/*.png, all from the demo: `make docs` draws them, so that they stay true.

    .venv-app/bin/python docs/draw_pictures.py

It builds the demo in a temporary folder, opens the app in chromium, has LibreOffice draw a worksheet, and opens the
dashboard if `make dashboard` has installed Superset. What is missing is named in one line; its picture stays as it is.
"""

import contextlib
import io
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ipre.own_build import PROJECT, environment

PICTURES = PROJECT / "docs" / "pictures"
# The customer whose list README.md has, and a product.
CUSTOMER, MANAGER, PRODUCT = "C02617", "Paula Miller", "P00601"
# Impact and changes need an earlier run; the back-test needs a run with days after it, and compares both rankers.
EARLIER, BACK_TEST = "{as_of_date: 2025-08-31}", "{as_of_date: 2025-09-30, ranker: learned}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SUPERSET = PROJECT / ".venv-dashboard" / "bin" / "python"
# A page in pixels. Tall enough for the longest: clips need no scrolling.
WIDTH, HEIGHT, TALL = 1280, 1000, 6000
PATIENCE = 600


def main() -> str | None:
    """Draw every picture for which the programs are there; return in one line what prevents all of them."""
    if not CHROMIUM:
        return "docs/pictures: not drawn, because chromium is not installed."
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo, measured = Path(folder) / "demo", Path(folder) / "measured"
        build(demo, EARLIER)
        build(demo)
        build(measured, BACK_TEST)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with app(demo) as address:
            draw_pages(browser, address)
        with app(measured) as address:
            draw_back_test(browser, address)
        draw_worksheet(demo)
        draw_dashboard(browser, demo)
        browser.close()
    return None


def settings(folder: Path) -> dict[str, str]:
    """Return the environment of a build in this folder, and of what reads it."""
    ratings, superset = f"sqlite:///{folder}/ratings/ratings.sqlite", str(folder / "superset")
    return environment(folder, IPRE_RATINGS_URL=ratings, PYTHONPATH=str(PROJECT), SUPERSET_HOME=superset)


def build(folder: Path, parameters: str = "{}") -> None:
    """Build the demo and publish it in this folder."""
    folder.mkdir(exist_ok=True)
    command = [PROJECT / ".venv" / "bin" / "dbt", "build", "--quiet", "--no-write-json", "--vars", parameters]
    subprocess.run(command, cwd=PROJECT, env={**settings(folder), "IPRE_RATINGS_URL": "none"}, check=True)


@contextlib.contextmanager
def served(command: list[Path], environment: dict[str, str], said: str) -> Iterator[re.Match[str]]:
    """Run a server; return the match of what it prints when it is ready."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PATIENCE
            while not (found := re.search(said, printed(log), re.DOTALL)):
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit(f"docs/pictures: {command[-1]} did not start. {printed(log)}")
                time.sleep(0.5)
            yield found
        finally:
            server.terminate()
            server.wait()


def printed(log: io.TextIOBase) -> str:
    """Return what a server has printed so far."""
    log.seek(0)
    return log.read()


def free_port() -> str:
    """Return a port that no program uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextlib.contextmanager
def app(folder: Path) -> Iterator[str]:
    """Run the app over the lists of this folder; return its address."""
    environment = {**settings(folder), "IPRE_APP_PORT": free_port()}
    said = "(http://127.0.0.1:[0-9]+).*server started"
    with served([Path(sys.executable), PROJECT / "app" / "start.py"], environment, said) as found:
        yield found[1]


def opened(browser: Browser, address: str, heading: str, height: int = HEIGHT) -> Page:
    """Open a page of the app as the account manager of the pictures, and wait for this heading."""
    page = browser.new_page(viewport={"width": WIDTH, "height": height}, timezone_id="America/New_York")
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.goto(address)
    page.get_by_label("Your name").click()
    page.keyboard.type(MANAGER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    # Charts and fonts come after the text.
    page.wait_for_timeout(5000)
    return page


def draw_pages(browser: Browser, address: str) -> None:
    """Draw the call list, a customer and a product."""
    for name, path, heading in (
        ("calls", "", "My customers"),
        ("customer", f"/customer?customer={CUSTOMER}", "What to offer"),
        ("product", f"/product?product={PRODUCT}", "Customers to call"),
    ):
        page = opened(browser, f"{address}{path}", heading)
        save(name, page.screenshot())
        page.close()


def draw_back_test(browser: Browser, address: str) -> None:
    """Draw what the app shows of the back-test: the methods, and whether chances hold."""
    page = opened(browser, f"{address}/is-it-working", "Would it have worked?", TALL)
    tops = {
        heading.inner_text(): heading.bounding_box()["y"]
        for heading in page.get_by_test_id("stMarkdownContainer").get_by_role("heading").all()
    }
    main = page.locator(".stMainBlockContainer").bounding_box()
    left = {"x": main["x"] + 40, "width": main["width"] - 80}
    first = next(name for name in tops if name.startswith("Are the predicted chances right?"))
    last = page.get_by_test_id("stTable").last.bounding_box()
    for name, top, bottom in (
        ("backtest", tops["Would it have worked?"], tops["Sales forecast for four weeks"]),
        ("calibration", tops[first], last["y"] + last["height"] + 20),
    ):
        save(name, page.screenshot(clip={**left, "y": top - 10, "height": bottom - top}))
    page.close()


def draw_worksheet(folder: Path) -> None:
    """Have LibreOffice draw the first page of the account manager's worksheet."""
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        print("docs/pictures/worksheet.png: unchanged, because LibreOffice or poppler-utils is not installed.")
        return
    sheets = folder / "worksheets"
    command = [sys.executable, "-m", "ipre.worksheets.make_workbooks", "--folder", sheets]
    subprocess.run(command, cwd=PROJECT, env=settings(folder), check=True, stdout=subprocess.DEVNULL)
    [sheet] = sheets.glob(f"*/{MANAGER.lower().replace(' ', '-')}-*.xlsx")
    office = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", folder, sheet], check=True, stdout=subprocess.DEVNULL)
    pages = folder / sheet.with_suffix(".pdf").name
    subprocess.run(["pdftoppm", "-png", "-r", "100", "-singlefile", pages, folder / "worksheet"], check=True)
    save("worksheet", (folder / "worksheet.png").read_bytes())


def draw_dashboard(browser: Browser, folder: Path) -> None:
    """Draw the dashboard in Superset."""
    if not SUPERSET.exists():
        print("docs/pictures/dashboard.png: unchanged, because `make dashboard` has not installed Superset.")
        return
    start = PROJECT / "dashboards" / "superset" / "start.py"
    environment = {**settings(folder), "IPRE_DASHBOARD_PORT": free_port()}
    with served([SUPERSET, start], environment, "(http://127.0.0.1:[0-9]+)/superset.*password ([^\n]+)\n") as found:
        page = browser.new_page(viewport={"width": 1280, "height": 1500})
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{found[1]}/login/")
        page.fill("#username", "ipre")
        page.fill("#password", found[2])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        page.goto(f"{found[1]}/superset/dashboard/ipre/")
        page.get_by_text("Recent runs").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(5000)
        save("dashboard", page.screenshot())
        page.close()


def save(name: str, picture: bytes) -> None:
    """Save a picture with 128 colors, which a page of text and bars does not miss."""
    file = PICTURES / f"{name}.png"
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(128).save(file, optimize=True)
    print(f"docs/pictures/{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
