"""What a user sees and does, in a real browser against a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="the browser tests need playwright (extra: dev)")

from axe_playwright_python.sync_playwright import Axe
from browser import Watch, browsing, chromium, served, watched
from playwright.sync_api import Browser, Page, expect

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None,
        reason="no Chromium: install Debian's package chromium, or name one in CHROMIUM",
    ),
]

SECONDS = 1000  # Playwright counts in milliseconds
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served("--workers", "2") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[tuple[Page, Watch]]:
    """A page in a browser of a new user, and its record: at the end it has logged no error and asked nobody else."""
    context = browser.new_context(viewport=WIDE, base_url=address)
    page, watch = watched(context)
    # The machine of the tests may be doing much else.
    page.set_default_timeout(60 * SECONDS)
    expect.set_options(timeout=60 * SECONDS)
    yield page, watch
    context.close()
    assert watch.errors == []
    assert watch.hosts <= {address.removeprefix("http://")}


@pytest.fixture
def page(opened: tuple[Page, Watch]) -> Page:
    return opened[0]


def refined(page: Page) -> None:
    """Wait for the refined answer and its last chart."""
    expect(page.locator("#results .answered[data-paths='2048']")).to_be_visible()
    expect(page.locator("#results .chart svg")).to_have_count(8)


def test_a_slider_moves_the_results_and_the_address_and_the_link_shows_the_same(page: Page) -> None:
    page.goto("/explore")
    refined(page)
    before = page.locator("#results .tiles").inner_text()

    slider = page.get_by_role("slider", name="Share limit")
    slider.focus()
    slider.press("Home")
    expect(page.locator("#results .changes")).to_have_text("us.share_limit=0")
    refined(page)
    assert page.locator("#results .tiles").inner_text() != before
    assert page.url.endswith("/explore?scenario=h200-truce&us.share_limit=0")
    expect(page.locator("#results")).to_contain_text(
        "dualtrack run h200-truce --paths 2048 --set us.share_limit=0"
    )
    shown = page.locator("#results .tiles").inner_text()

    page.goto(page.url)
    refined(page)
    assert page.locator("#results .tiles").inner_text() == shown
    expect(page.get_by_role("textbox", name="Share limit")).to_have_value("0")

    page.get_by_role("button", name="Share limit: as in the scenario").click()
    expect(page.locator("#results .changes")).to_have_count(0)
    refined(page)
    assert page.locator("#results .tiles").inner_text() == before


def test_another_scenario_brings_its_own_page_with_the_changes_kept(page: Page) -> None:
    page.goto("/explore?china.ratio=2")
    refined(page)
    page.get_by_label("Scenario", exact=True).select_option("open-door")
    expect(page.get_by_role("heading", level=1)).to_have_text("Open door")
    expect(page.get_by_role("textbox", name="Domestic ratio")).to_have_value("2")
    refined(page)


def test_a_wrong_value_is_told_beside_its_field_and_the_results_stay(page: Page) -> None:
    page.goto("/explore")
    refined(page)
    shown = page.locator("#results .tiles").inner_text()
    field = page.get_by_role("textbox", name="Levy")
    field.fill("much")
    told = page.locator(".control", has=field).locator(".error")
    expect(told).to_contain_text("much")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.locator("#results .tiles").inner_text() == shown
    field.fill("0.3")
    expect(page.locator("#results .changes")).to_have_text("us.levy_rate=0.3")
    expect(told).to_be_empty()


def test_a_link_with_a_fault_says_so_and_keeps_what_was_given(page: Page) -> None:
    response = page.goto("/explore?us.levy_rate=much&scenario=nowhere&china.ratio=1")
    assert response is not None and response.status == 422
    expect(page.get_by_role("textbox", name="Levy")).to_have_value("much")
    expect(page.locator("main")).to_contain_text("nowhere")


def test_files_are_made_with_progress_and_can_be_saved(page: Page) -> None:
    page.goto("/downloads?china.ratio=1&paths=512")
    page.get_by_role("button", name="Make the files").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    link = page.get_by_role("link", name="brief.html")
    expect(link).to_be_visible()
    with page.expect_download() as saved:
        link.click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert "china.ratio=1" in text and "512 paths" in re.sub(
        r"\s+", " ", text.replace("<dd>512</dd>", "512 paths")
    )
    for name in ("quarterly.xlsx", "quarterly.csv", "result.nc", "scenario.yaml", "summary.json", "brief.md"):
        expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_run_is_cancelled(page: Page) -> None:
    page.goto("/downloads?paths=20000")
    page.get_by_role("button", name="Make the files").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#results")).to_contain_text("cancelled")
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_colours_follow_the_choice_and_it_is_remembered(page: Page) -> None:
    page.goto("/downloads")
    button = page.locator("button.theme")
    seen = set()
    for _ in range(3):
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        button.click()
    assert len(seen) == 2
    while page.evaluate("document.documentElement.dataset.theme ?? ''") != "dark":
        button.click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_at_phone_width_nothing_overflows_and_the_controls_fold_away(page: Page) -> None:
    page.set_viewport_size(NARROW)
    page.goto("/explore")
    refined(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("slider", name="Share limit")).to_be_hidden()
    page.locator("summary", has_text="Settings").click()
    expect(page.get_by_role("slider", name="Share limit")).to_be_visible()


PAGES = ("/explore?china.ratio=2", "/downloads")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(page: Page, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path)
    if path.startswith("/explore"):
        refined(page)
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], [node["target"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
