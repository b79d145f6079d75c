"""The chart and the page of an allocation hold what its document says, for small books and large."""

import io
from itertools import pairwise

import pytest
from rich.console import Console

from dualtrack.report.allocation import (
    MOST_BUYERS,
    MOST_CHIPS,
    _buyers,
    _chips,
    _column,
    _ribbons,
    flow_chart,
)
from dualtrack.report.allocation_page import (
    MOST_BUYERS as MOST_ON_PAGE,
)
from dualtrack.report.allocation_page import allocation_sections, conflict_sections
from dualtrack.report.sections import print_sections
from dualtrack.report.theme import render_svg


def made(buyers=3, chips=2, asked=100, units=20, barred=10):
    """A document in which every buyer asks for and gets the same of every chip."""
    chip_ids = [f"chip_{n}" for n in range(chips)]
    names = [f"buyer_{n}" for n in range(buyers)]
    one = {"asked": asked, "barred": barred, "units": units}
    policy = {
        "objective": {"name": "value", "value": 1e9, "unit": "USD"},
        "units": buyers * chips * units,
        "usd": 1e9,
        "h100e": 5.0,
        "served": dict.fromkeys(names, units / (asked - barred)),
        "jain": 1,
        "least_share": units / (asked - barred),
        "gap": 0.0,
    }
    place = {"buyer": None, "chip": None, "unit": "USD per unit", "price": 27000, "by_month": {}, "room": 5, "used": 5, "per_domestic_chip": None}  # fmt: skip
    return {
        "law_on": "2026-01-31",
        "known_by": "2026-01-31",
        "policy": "value",
        "lot": None,
        "gap": 0.0,
        "prices_of_relaxation": False,
        "whole_units": True,
        "tie_break": "",
        "objective": policy["objective"],
        "units": policy["units"],
        "usd": 1e9,
        "h100e": 5.0,
        "months": ["2026-02", "2026-03"],
        "fairness": {"jain": 1, "least_share": 0.2},
        "allocation": [
            {"order": f"{name}-{chip}", "buyer": name, "chip": chip, "month": "2026-02", "units": units}
            for name in names
            for chip in chip_ids
        ],
        "buyers": {
            name: {
                "name": name.title(),
                "asked": chips * asked,
                "barred": chips * barred,
                "units": chips * units,
                "share": units / (asked - barred),
                "usd": 1e6,
                "h100e": 1.0,
                "by_chip": dict.fromkeys(chip_ids, one),
            }
            for name in names
        },
        "chips": {
            chip: {
                "name": chip.title(),
                "asked": buyers * asked,
                "stock": {"2026-02": buyers * units, "2026-03": 7},
                "units": buyers * units,
                "left_over": 7,
            }
            for chip in chip_ids
        },
        "binding": {
            name: [{"kind": "limit", "name": f"rule_{n}", "chip": None, "months": ["2026-02"], "units": 5} for n in range(6)]
            for name in names
        },
        "shadow_prices": {
            "us.buyer_cap": {
                "kind": "limit",
                "what": "",
                "unit": "USD per unit",
                "price": 27000,
                "places": [{**place, "buyer": name} for name in names],
            },
            "us.share_limit": {"kind": "limit", "what": "", "unit": "USD per unit", "price": 0, "places": [{**place, "price": 0}]},
        },
        "domestic_due": {name: {"due": 5, "bought": 3, "missing": 2} for name in names},
        "policies": dict.fromkeys(("value", "max-min"), policy),
        "barred": {f"order_{n}": "china.barred_class" for n in range(30)},
        "not_published": {"china.tranche": "china.tranche.units was never published"},
        "given": [{"key": "set.x", "value": 5, "fact": None, "assumption": "why", "by": "limits file"}],
        "notes": ["A note."],
        "sources": [{"fact": "a.fact", "publisher": "Somebody", "published": None}],
    }  # fmt: skip


def printed(sections, width):
    text = io.StringIO()
    print_sections(sections, Console(width=width, highlight=False, file=text))
    return text.getvalue()


def test_ribbons_carry_every_unit_from_stock_to_buyers():
    document = made()
    chips = _chips(document)
    buyers = _buyers(document, chips)
    left = _column({name: chip["stock"] for name, chip in chips.items()}, 1000)
    right = _column({name: buyer["asked"] for name, buyer in buyers.items()}, 1000)
    ribbons, blocks = _ribbons(chips, buyers, left, right)
    starts = [point for point in ribbons if point["x"] == 0]
    ends = [point for point in ribbons if point["x"] == 1]
    assert sum(p["high"] - p["low"] for p in starts) == pytest.approx(document["units"])
    assert sum(p["high"] - p["low"] for p in ends) == pytest.approx(document["units"])
    at_buyers = [part for part in blocks if part["x"] == 1.0]
    heights = {
        kind: sum(p["high"] - p["low"] for p in at_buyers if p["kind"] == kind)
        for kind in ("barred", "not served")
    }
    assert heights == {"barred": pytest.approx(3 * 2 * 10), "not served": pytest.approx(3 * 2 * 70)}
    assert sum(
        p["high"] - p["low"] for p in blocks if p["x"] < 0 and p["kind"] == "not served"
    ) == pytest.approx(2 * 7)


def test_blocks_of_a_column_do_not_overlap():
    blocks = list(_column({"a": 50, "b": 0, "c": 30}, 100).values())
    assert [block.high - block.low for block in blocks] == pytest.approx([50, 0, 30])
    assert all(above.low > below.high for above, below in pairwise(blocks))
    assert blocks[0].high <= 100 and blocks[-1].low >= 0


def test_of_many_the_smallest_are_taken_together():
    document = made(buyers=MOST_BUYERS + 5, chips=MOST_CHIPS + 3)
    chips = _chips(document)
    buyers = _buyers(document, chips)
    assert len(chips) == MOST_CHIPS
    assert sum(chip["stock"] for chip in chips.values()) == sum(
        sum(chip["stock"].values()) for chip in document["chips"].values()
    )
    assert len(buyers) == MOST_BUYERS + 1
    assert sum(buyer["asked"] for buyer in buyers.values()) == (MOST_BUYERS + 5) * (MOST_CHIPS + 3) * 100
    drawn = render_svg(flow_chart(document))
    assert "5 other buyers" in drawn
    assert "4 other chips" in drawn


def test_the_chart_of_nothing_served_is_drawn():
    assert "0 of 600 units ordered are served" in render_svg(flow_chart(made(units=0)))


def test_the_chart_names_what_was_served_and_what_was_barred():
    drawn = render_svg(flow_chart(made()))
    for words in ("Buyer_1", "40 of 180 (22 %), 20 barred", "Chip_0", "67 in stock, 7 left"):
        assert words in drawn, words


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_of_a_large_book_is_cut_and_says_so(width):
    text = printed(allocation_sections(made(buyers=MOST_ON_PAGE + 4, chips=3)), width)
    assert "4 smaller buyers are left out" in text
    assert "and 2 more" in text
    assert "12 more prices" in text
    assert "The first 20 of 72 deliveries" in text
    assert "and 20 more." in text
    assert max(map(len, text.splitlines())) <= width


def test_the_page_says_what_one_more_unit_is_worth():
    text = printed(allocation_sections(made()), 120)
    assert "One more unit under us.buyer_cap for buyer_1 is worth 27,000 USD (5 of 5 used)." in text
    assert "Worth nothing, as something else binds first: us.share_limit." in text
    assert "china.tranche: china.tranche.units was never published" in text


def test_prices_in_shares_are_told_for_a_thousand_units():
    document = made(buyers=1)
    place = document["shadow_prices"]["us.buyer_cap"]["places"][0]
    place |= {"unit": "served share of the buyers it stops per unit", "price": 2e-6}
    text = printed(allocation_sections(document), 200)
    assert "1,000 more units under us.buyer_cap for buyer_0 raise the served share of the buyers it stops by 0.2 percentage points" in text  # fmt: skip


def test_a_conflict_is_shown_with_its_members():
    document = {"conflict": [{"text": "a promise of 60"}, {"text": "stock of 50"}]}
    text = printed(conflict_sections(document), 80)
    assert "cannot all be delivered" in text
    assert "a promise of 60" in text and "stock of 50" in text
