"""What a user sees and does on Explore and Downloads, and on every page, in a real browser against a real server."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright", reason="the browser tests need playwright (extra: dev)")

from axe_playwright_python.sync_playwright import Axe
from browser import MARKS, NARROW, drawn, served, watched
from playwright.sync_api import Browser, Page, expect

pytestmark = MARKS


# Where the keyboard stands: is it outlined, and in the window?
FOCUSED = """() => {
  const element = document.activeElement;
  const { top, bottom } = element.getBoundingClientRect();
  return {
    name: element.name || element.textContent.trim(),
    outlined: getComputedStyle(element).outlineStyle !== "none",
    inside: top >= 0 && bottom <= innerHeight,
  };
}"""


def visit(page: Page, path: str) -> None:
    """Open a page and wait for all that it computes; on Allocate share out the example."""
    page.goto(path)
    if path == "/allocate":
        page.get_by_role("button", name="Allocate").click()
    heading = PAGES.get(path, "Key numbers")
    expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
    drawn(page)


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")


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


def test_a_keyboard_skips_to_the_content_and_sees_where_it_stands(page: Page) -> None:
    visit(page, "/explore?paths=512")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    slider = page.get_by_role("slider", name="Share limit")
    stops = []
    while not slider.evaluate("slider => slider === document.activeElement"):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        assert len(stops) < 40, stops
    assert stops[0]["name"] == "scenario"
    assert [stop for stop in stops if not stop["outlined"] or not stop["inside"]] == []
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"us\.share_limit=0\.5\d*"))
    expect(slider).to_be_focused()


def test_a_printed_page_has_the_results_without_the_controls(page: Page) -> None:
    visit(page, "/explore?paths=512&china.ratio=1")
    page.emulate_media(media="print")
    for hidden in (
        page.get_by_role("navigation", name="Pages"),
        page.get_by_role("slider", name="Share limit"),
        page.get_by_role("button", name="Copy the command"),
        page.get_by_role("link", name="Download", exact=True),
    ):
        expect(hidden).to_be_hidden()
    expect(page.get_by_role("figure")).to_have_count(8)
    for figure in page.get_by_role("figure").all():
        expect(figure.locator("svg")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("list", name="Your changes")).to_have_text("china.ratio=1")


def test_a_server_that_has_stopped_is_told_of_and_the_results_stay(browser: Browser) -> None:
    with served("--workers", "1") as address:
        page, _ = watched(browser.new_context(base_url=address))
        visit(page, "/explore?paths=512")
    slider = page.get_by_role("slider", name="Share limit")
    slider.press("Home")
    expect(page.get_by_role("status")).to_contain_text("The server does not answer")
    expect(page.get_by_role("heading", name="Key numbers")).to_be_visible()
    page.context.close()


# Every page with the heading that comes with its results, where it has to be waited for.
PAGES = {
    "/explore?china.ratio=2&paths=512": "Key numbers",
    "/compare?a.china.ratio=1&paths=64&months=12": "Have this again",
    "/claims?paths=64&months=14": "Have this again",
    "/decide": "The same again",
    "/allocate": "The same again",
    "/chips": "Performance against memory bandwidth",
    "/chips/nvidia.h200_sxm": "Sources",
    "/rules": "Rules of us.export",
    "/rules/us.share_limit": "Parameters",
    "/rules/us.review.case_by_case": "Parameters",
    "/facts": "Facts",
    "/facts?known_by=never": "Facts",
    "/facts/export.rule_2026_01.tpp_max": "History",
    "/downloads": "Downloads",
    "/api": "Runs",
    "/nowhere": "This cannot be done",
}


def serious(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe finds to be a serious fault, by these of its rules or all: pairs of a rule and the elements at fault."""
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    return [
        (fault["id"], [node["target"] for node in fault["nodes"]])
        for fault in Axe().run(page, options=options).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(page: Page, path: str) -> None:
    visit(page, path)
    unfold(page)
    page.emulate_media(color_scheme="light")
    assert serious(page) == []
    # Nothing but colours is another in the dark.
    page.emulate_media(color_scheme="dark")
    assert serious(page, "color-contrast", "link-in-text-block") == []


@pytest.mark.parametrize(
    "path", [path for path in PAGES if path.startswith(("/explore", "/decide", "/chips"))]
)
def test_axe_finds_nothing_serious_at_phone_width(page: Page, path: str) -> None:
    page.set_viewport_size(NARROW)
    visit(page, path)
    unfold(page)
    assert serious(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_at_phone_width(page: Page, path: str) -> None:
    page.set_viewport_size(NARROW)
    visit(page, path)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
