"""Chips, Rules, Facts and API in a real browser: a search, a slider, a sorted table, and links that show the same."""

# pytest finds fixtures by the names they are imported under.
# ruff: noqa: F401, F811
from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright", reason="the browser tests need playwright (extra: dev)")

from axe_playwright_python.sync_playwright import Axe
from browser import chromium
from playwright.sync_api import Page, expect
from test_browser import NARROW, address, browser, opened, page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None,
        reason="no Chromium: install Debian's package chromium, or name one in CHROMIUM",
    ),
]


def test_a_search_and_a_slider_change_the_list_and_the_address_and_the_link_shows_the_same(
    page: Page,
) -> None:
    page.goto("/facts")
    expect(page.locator("#shown")).to_contain_text("927 of 927 facts")
    page.get_by_label("Search", exact=True).press_sequentially("h200")
    expect(page.locator("#shown")).not_to_contain_text("of 927 facts.")
    slider = page.get_by_role("slider", name="Known by")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.locator("#shown")).to_contain_text("known by 2026-05-31")
    expect(page.get_by_role("textbox", name="Known by")).to_have_value("2026-05-31")
    assert page.url.endswith("/facts?q=h200&known_by=2026-05-31")
    shown = page.locator("#shown table").inner_text()
    page.goto(page.url)
    assert page.locator("#shown table").inner_text() == shown
    assert "h200" in page.get_by_label("Search", exact=True).input_value()


def test_a_day_that_is_none_is_told_beside_its_field_and_goes_once_it_is_mended(page: Page) -> None:
    page.goto("/rules")
    field = page.get_by_role("textbox", name="Known by")
    field.fill("never")
    error = page.locator("#control-known_by-error")
    expect(error).to_contain_text("is not a date")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("2025-12-31")
    expect(page.locator("#shown")).to_contain_text("known by 2025-12-31")
    expect(error).to_have_text("")


def test_the_chips_are_sorted_by_a_heading_and_another_day_draws_other_lines(page: Page) -> None:
    page.goto("/chips")
    chart = page.locator(".chart svg")
    expect(chart).to_contain_text("review window: below 21,000 TPP and 6,500 GB/s")
    heading = page.locator("table.chips thead button", has_text=re.compile("^TPP$"))
    first = page.locator("table.chips tbody tr").first
    heading.click()
    expect(first).to_contain_text("DCU Z100")
    heading.click()
    expect(first).to_contain_text("Rubin")
    page.get_by_label("Law of the day").fill("2023-01-01")
    expect(page.locator("#shown")).to_contain_text("Law of 2023-01-01")
    expect(chart).to_contain_text("3A090 from 4,800, interconnect 600 GB/s")
    expect(chart).not_to_contain_text("review window")
    page.get_by_role("link", name="H200 SXM 141GB").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("H200 SXM 141GB")
    assert page.url.endswith("/chips/nvidia.h200_sxm?on=2023-01-01")


def test_without_a_script_the_forms_and_pages_work(browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/facts")
    plain.locator("#q").fill("h200 inventory")
    plain.get_by_role("button", name="Show").click()
    plain.get_by_role("link", name="nvidia.inventory.h200.2025_12", exact=True).click()
    expect(plain.locator("#shown")).to_contain_text("700,000 units")
    context.close()


PAGES = (
    "/chips",
    "/chips/H200",
    "/rules?q=review",
    "/rules/us.review.case_by_case",
    "/facts?q=h200",
    "/facts?known_by=never",
    "/facts/export.rule_2023_10.header",
    "/api",
)


@pytest.mark.parametrize("path", PAGES)
def test_at_phone_width_nothing_overflows(page: Page, path: str) -> None:
    page.set_viewport_size(NARROW)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(page: Page, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path)
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], [node["target"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
