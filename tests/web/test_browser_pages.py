"""The main uses of Compare, Claims, Decide, Allocate, Chips, Rules, Facts and API, in a real browser."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("playwright", reason="the browser tests need playwright (extra: dev)")

from browser import MARKS, drawn, watched
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

pytestmark = MARKS


def file(name: str, content: str | bytes) -> FilePayload:
    """A file that a user sends."""
    raw = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": raw}


def results(page: Page) -> Locator:
    return page.locator("#results")


def appears(page: Page, heading: str | re.Pattern[str]) -> None:
    """Wait for a heading of the results, and for their charts."""
    expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    drawn(page)


def test_explore_leads_to_a_comparison_that_its_link_shows_again(page: Page) -> None:
    page.goto("/explore?scenario=open-door&china.ratio=2&paths=64&months=12")
    page.get_by_role("link", name="Compare with the scenario as it is").click()
    appears(page, "In short: A against B")
    expect(results(page).get_by_role("definition")).to_have_text(["china.ratio=2"])
    expect(page.get_by_role("img", name="How often A is more than B").locator("svg")).to_be_visible()
    expect(results(page)).to_contain_text("dualtrack compare open-door:china.ratio=2 open-door")
    shown = results(page).inner_text()

    page.goto(page.url)
    appears(page, "In short: A against B")
    assert results(page).inner_text() == shown
    side = page.get_by_role("group", name="A", exact=True)
    expect(side.get_by_label("Scenario", exact=True)).to_have_value("open-door")
    expect(side.get_by_role("textbox", name="Domestic ratio")).to_have_value("2")


def test_a_setting_is_changed_on_one_side_and_a_wrong_one_is_told_there(page: Page) -> None:
    page.goto("/compare?a.china.ratio=1&paths=64&months=12")
    appears(page, "In short: A against B")
    side = page.get_by_role("group", name="A", exact=True)
    field = side.get_by_role("textbox", name="Domestic ratio")
    field.fill("lots")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("lots"))
    expect(page.get_by_role("alert")).to_contain_text("A, --set china.ratio=lots")
    expect(page.get_by_role("heading", name="In short: A against B")).to_be_visible()

    field.fill("3")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(results(page).get_by_role("definition")).to_have_text(["china.ratio=3"])
    expect(page).to_have_url(re.compile(r"a\.china\.ratio=3&"))
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_comparison_is_cancelled(page: Page) -> None:
    page.goto("/compare?a.china.ratio=1&paths=20000")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(results(page)).to_contain_text("cancelled. Nothing was kept.")
    expect(page.get_by_role("progressbar")).to_have_count(0)


CLAIMS = "/claims?paths=64&months=14"


def test_every_claim_has_its_verdict_and_the_list_is_cut_down_to_one(page: Page) -> None:
    page.goto(CLAIMS)
    appears(page, "Have this again")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(14)
    tab = page.get_by_role("navigation", name="By verdict").get_by_role("link", name="Holds partly")
    count = int(tab.inner_text().split()[-1])
    assert 0 < count < 14
    tab.click()
    expect(cards).to_have_count(count)
    expect(page).to_have_url(re.compile(r"verdict=holds\+partly"))
    page.reload()
    expect(cards).to_have_count(count)
    for card in cards.all():
        expect(card.get_by_text("holds partly", exact=True).first).to_be_visible()
    cards.first.get_by_text("tests and sources").click()
    expect(cards.first.get_by_role("heading", name="Stands on")).to_be_visible()


def test_a_file_of_claims_is_judged_and_a_broken_one_told_with_its_lines(page: Page) -> None:
    page.goto(CLAIMS)
    appears(page, "Have this again")
    page.get_by_role("link", name="Claims of your own").click()
    example = page.locator("#example").inner_text()
    page.get_by_label("A YAML file of claims").set_input_files(
        file("mine.yaml", example.replace("because", "becuase"))
    )
    page.get_by_role("button", name="Judge this file").click()
    expect(page.get_by_role("main")).to_contain_text("mine.yaml, line 5")
    expect(page.get_by_role("main")).to_contain_text("Did you mean 'because'")

    page.get_by_label("A YAML file of claims").set_input_files(file("mine.yaml", example))
    page.get_by_role("button", name="Judge this file").click()
    appears(page, "Have this again")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("Something arrives within a year.")
    expect(results(page)).to_contain_text("64 futures")


def test_an_order_is_changed_field_by_field_and_its_link_gives_the_same_answer(page: Page) -> None:
    page.goto("/decide")
    expect(results(page)).to_contain_text("Needs more before it may ship")
    page.get_by_label("Units", exact=True).fill("70000")
    page.get_by_label("Buyer", exact=True).select_option("Tencent")
    expect(results(page)).to_contain_text("70,000 × H200 SXM 141GB for Tencent")
    expect(page).to_have_url(re.compile("buyer=tencent&units=70000"))
    before = results(page).inner_text()
    page.get_by_label("Chip", exact=True).select_option("B200 SXM 180GB, Nvidia")
    expect(results(page)).to_contain_text("May not ship")
    expect(page.get_by_role("status")).to_have_text("May not ship")
    barred = results(page).inner_text()

    page.goto(page.url)
    assert results(page).inner_text() == barred
    page.go_back()
    expect(results(page)).to_contain_text("70,000 × H200")
    assert results(page).inner_text() == before
    expect(page.get_by_label("Chip", exact=True)).to_have_value("nvidia.h200_sxm")


def test_what_an_order_declares_changes_its_outcome(page: Page) -> None:
    page.goto("/decide")
    expect(results(page)).to_contain_text("Needs more before it may ship")
    page.get_by_role("link", name="The answer with all of that declared").click()
    expect(results(page)).to_contain_text("May ship")
    test = page.get_by_label("Third-party test", exact=True)
    expect(test).to_have_value("yes")
    test.select_option("not declared")
    expect(results(page)).to_contain_text("Needs more before it may ship")
    expect(page).not_to_have_url(re.compile("third_party_test"))
    row = page.get_by_role("row", name="a qualified laboratory in the United States tests every shipment")
    row.get_by_role("link", name="declare it").click()
    expect(results(page)).to_contain_text("May ship")
    expect(page).to_have_url(re.compile("third_party_test=yes"))


def test_a_wrong_field_of_an_order_is_told_beside_it_and_the_answer_stays(page: Page) -> None:
    page.goto("/decide")
    field = page.get_by_label("Units", exact=True)
    field.fill("many")
    field.press("Tab")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("many"))
    expect(results(page)).to_contain_text("60,000 × H200")
    field.fill("5")
    field.press("Enter")
    expect(results(page)).to_contain_text("5 × H200")
    expect(field).to_have_accessible_description("")


def test_the_example_is_shared_out_and_its_files_are_saved(page: Page) -> None:
    page.goto("/allocate")
    page.get_by_role("button", name="Allocate").click()
    appears(page, "What one more unit is worth")
    expect(page.get_by_role("img", name="From the stock to the buyers").locator("svg")).to_be_visible()
    expect(results(page)).to_contain_text(re.compile(r"One more unit under \S+ is worth [\d,]+ USD"))
    expect(page).to_have_url(re.compile("/allocate/.+"))
    with page.expect_download() as saved:
        page.get_by_role("link", name="allocation.csv").click()
    assert saved.value.path().read_text(encoding="utf-8").splitlines()[1:]

    page.goto(page.url)
    appears(page, "What one more unit is worth")
    page.get_by_text("Orders, stock, limits").click()
    expect(page.get_by_label("Orders, as text")).to_have_value(re.compile("bytedance"))


def test_broken_order_books_are_told_in_words_and_the_form_stays(page: Page) -> None:
    page.goto("/allocate")
    page.get_by_label("Stock, as text").fill("chip,month,units\nH200,2026-02,90\n")
    upload = page.get_by_role("group", name="Orders", exact=True).get_by_label("Or a file")
    upload.set_input_files(
        file("mine.csv", "order,buyer,chip,units\na,bytedance,H200,some\nb,nobody,H200,5\n")
    )
    page.get_by_role("button", name="Allocate").click()
    expect(results(page)).to_contain_text("failed")
    expect(results(page)).to_contain_text("mine.csv, row 2")
    expect(results(page)).to_contain_text("mine.csv, row 3")
    expect(results(page)).to_contain_text("nobody")
    upload.set_input_files(file("book.xlsx", b"PK\x03\x04 no workbook at all"))
    page.get_by_role("button", name="Allocate").click()
    expect(results(page)).to_contain_text("book.xlsx is no workbook that can be read")
    expect(page.get_by_label("Stock, as text")).to_have_value("chip,month,units\nH200,2026-02,90\n")


def test_the_table_of_chips_sorts_by_a_column(page: Page) -> None:
    page.goto("/chips")
    heading = page.get_by_role("columnheader", name="TPP", exact=True)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    ascending = column(page, heading)
    assert ascending == sorted(ascending) and ascending[0] < ascending[-1]
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert column(page, heading) == sorted(ascending, reverse=True)


def column(page: Page, heading: Locator) -> list[float]:
    """The numbers below a heading, from above."""
    place = heading.evaluate("heading => heading.cellIndex")
    texts = page.get_by_role("table").locator(f"tbody tr > :nth-child({place + 1})").all_inner_texts()
    return [float(text.replace(",", "")) for text in texts if text[:1].isdigit()]


def test_an_earlier_day_shows_the_outcomes_of_its_law_and_the_page_of_a_chip(page: Page) -> None:
    page.goto("/chips")
    chart = page.get_by_role("img", name="Performance against memory bandwidth").locator("svg")
    expect(chart).to_contain_text("review window: below 21,000 TPP and 6,500 GB/s")
    row = page.get_by_role("row", name="H800 SXM5 80GB")
    expect(row).to_contain_text("presumption of denial")
    page.get_by_label("Law of the day").fill("2023-06-01")
    expect(row).to_contain_text("not controlled")
    expect(page).to_have_url(re.compile("on=2023-06-01"))
    expect(chart).to_contain_text("3A090 from 4,800, interconnect 600 GB/s")
    expect(chart).not_to_contain_text("review window")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("H800 SXM5 80GB")
    expect(page.get_by_label("Law of the day")).to_have_value("2023-06-01")
    expect(page.get_by_role("main")).to_contain_text("not controlled")
    page.go_back()
    expect(row).to_contain_text("not controlled")
    expect(page.get_by_label("Law of the day")).to_have_value("2023-06-01")


def test_rules_are_searched_and_a_rule_leads_to_its_facts(page: Page) -> None:
    page.goto("/rules")
    rows = page.get_by_role("main").get_by_role("link", name=re.compile(r"^(us|china)\."))
    every = rows.count()
    page.get_by_role("searchbox").fill("share limit")
    expect(page.get_by_role("status")).to_contain_text(f"of {every} rules and limits")
    expect(page).to_have_url(re.compile(r"q=share\+limit"))
    assert 0 < rows.count() < every
    page.get_by_role("link", name="us.share_limit", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("us.share_limit")
    page.get_by_role("group", name="Sources").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/facts/"))
    page.go_back()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("share limit")
    assert 0 < rows.count() < every


def test_a_day_hides_later_facts_and_back_from_a_fact_finds_the_same_list(page: Page) -> None:
    page.goto("/facts")
    page.get_by_role("searchbox").fill("hbm")
    expect(page.get_by_role("main")).to_contain_text("the closest first")
    slider = page.get_by_role("slider", name="Known by")
    slider.focus()
    slider.press("PageDown")
    slider.press("PageDown")
    slider.press("ArrowLeft")
    day = page.get_by_role("textbox", name="Known by").input_value()
    expect(page).to_have_url(re.compile(f"q=hbm&known_by={day}$"))
    expect(page.get_by_role("main")).to_contain_text(f"facts known by {day}, the closest first")
    expect(slider).to_be_focused()
    rows = page.get_by_role("group", name="Facts").get_by_role("row")
    known = [row.get_by_role("cell").nth(3).inner_text()[:10] for row in rows.all()[1:]]
    assert known and max(known) <= day

    shown = page.get_by_role("group", name="Facts").inner_text()
    page.get_by_role("group", name="Facts").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page).to_have_url(re.compile(f"known_by={day}$"))
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("hbm")
    expect(page.get_by_role("textbox", name="Known by")).to_have_value(day)
    assert page.get_by_role("group", name="Facts").inner_text() == shown


def test_a_day_that_is_none_is_told_beside_its_field_until_it_is_mended(page: Page) -> None:
    page.goto("/rules")
    field = page.get_by_role("textbox", name="Known by")
    field.fill("never")
    expect(field).to_have_accessible_description(re.compile("is not a date"))
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("2025-12-31")
    expect(page.get_by_role("main")).to_contain_text("known by 2025-12-31")
    expect(field).not_to_have_accessible_description(re.compile("is not a date"))


def test_without_a_script_a_search_leads_to_a_fact(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page, _ = watched(context)
    page.goto("/facts")
    page.get_by_role("searchbox").fill("h200 inventory")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="nvidia.inventory.h200.2025_12", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("700,000 units")
    context.close()


def test_a_fact_names_its_source_with_a_link(page: Page) -> None:
    page.goto("/facts?q=tpp_max")
    page.get_by_role("link", name="export.rule_2026_01.tpp_max", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("21,000")
    source = page.get_by_role("definition").filter(has_text="Federal Register").get_by_role("link").first
    expect(source).to_have_attribute("href", re.compile("^https://"))
    page.get_by_role("listitem").get_by_role("link", name=re.compile("^us")).first.click()
    expect(page).to_have_url(re.compile("/rules/"))


def test_the_interface_lists_its_operations_with_their_description(page: Page) -> None:
    page.goto("/api")
    page.get_by_role("navigation", name="Operations").get_by_role("link", name="GET /api/v1/decide").click()
    operation = page.get_by_role("region", name="GET /api/v1/decide", exact=True)
    expect(operation).to_be_in_viewport()
    expect(operation).to_contain_text("curl")
    listed = page.get_by_role("navigation", name="Operations").get_by_role("link").all_inner_texts()
    page.get_by_role("link", name="/openapi.json").click()
    described = json.loads(page.locator("body").inner_text())["paths"]
    wanted = [f"{method.upper()} {path}" for path, methods in described.items() for method in methods]
    assert sorted(listed) == sorted(wanted)
