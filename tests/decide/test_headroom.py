from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.decide.orders import decided, entry, firm, ledger_of, mine, room

from dualtrack.decide.headroom import Headroom
from dualtrack.facts.book import load_book

FEBRUARY_CHIPS = ("nvidia.h200_sxm", "amd.mi325x", "amd.mi300x", "nvidia.h100_nvl")


@settings(deadline=None, max_examples=60)
@example("amd.mi325x", 28, 0)
@given(st.sampled_from(FEBRUARY_CHIPS), st.integers(0, 5_000_000), st.integers(0, 2_000_000))
def test_half_of_the_units_shipped_in_the_united_states_less_what_is_committed(chip, us_units, committed):
    ledger = ledger_of(entry("2026-01-20", "alibaba", chip, committed, "shipped", "hong_kong"))
    share = room(decided(chip, us_units=us_units, ledger=ledger), "us.share_limit")
    assert share.units == share.low == share.high == max(us_units // 2 - committed, 0)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 2_000_000))
def test_an_order_fits_up_to_the_last_unit(us_units):
    most = us_units // 2
    if most:
        fits = decided(units=most, us_units=us_units, declare="everything", destination="hong_kong")
        assert fits.together == "may_ship"
    beyond = decided(units=most + 1, us_units=us_units, declare="everything", destination="hong_kong")
    assert beyond.together == "may_not_ship"
    assert f"at most {most:,} units fit under us.share_limit" in beyond.changes


@pytest.mark.parametrize("counted", [0, 1, 150_000, 399_999, 400_000, 500_000])
def test_the_first_batch_is_used_up_by_what_landed(counted):
    ledger = ledger_of(entry("2026-01-29", "tencent", "H200", counted, "shipped"))
    assert room(decided(ledger=ledger), "china.batch_quota").units == max(400_000 - counted, 0)


def test_what_landed_before_it_or_in_hong_kong_and_chips_below_the_class_leave_it_alone():
    for other in (
        entry("2026-01-27", "tencent", "H200", 1000, "shipped"),
        entry("2026-01-29", "tencent", "H200", 1000, "shipped", "hong_kong"),
        entry("2026-01-29", "tencent", "H200", 1000, "licensed"),
        entry("2026-01-29", "tencent", "L20", 1000, "shipped"),
    ):
        assert room(decided(ledger=ledger_of(other)), "china.batch_quota").units == 400_000


def test_the_batch_was_reported_as_more_than_its_figure_so_a_larger_order_is_open():
    assert load_book().get("import.h200.first_batch").details["op"] == ">"
    batch = room(decided(), "china.batch_quota")
    assert batch.fits(400_000) is True
    assert batch.fits(400_001) is None


def test_the_press_estimate_of_the_ceiling_leaves_the_middle_open():
    share = room(decided(), "us.share_limit")
    assert (share.low, share.units, share.high) == (700_000, 1_000_000, 1_200_000)
    assert (share.fits(700_000), share.fits(700_001), share.fits(1_200_000)) == (True, None, None)
    assert share.fits(1_200_001) is False
    assert "us.share_limit" not in decided(units=700_000, destination="hong_kong").needs
    assert "us.share_limit" in decided(units=700_001, destination="hong_kong").needs
    assert decided(units=1_200_001, destination="hong_kong").together == "may_not_ship"


def test_without_a_count_the_share_limit_of_another_chip_is_unknown():
    share = room(decided("MI325X"), "us.share_limit")
    assert share.units is None and share.fits(1) is None
    assert "--us-units" in share.basis


def test_a_count_of_none_in_the_united_states_lets_none_go():
    decision = decided(units=1, us_units=0, declare="everything")
    assert decision.together == "may_not_ship"
    assert room(decision, "us.share_limit").units == 0


@pytest.mark.parametrize(
    ("chip", "on", "destination", "limits"),
    [
        ("H200", "2026-01-14", "mainland", ["china.tranche"]),
        ("H200", "2026-01-15", "mainland", ["us.share_limit", "us.buyer_cap", "china.tranche"]),
        ("H200", "2026-01-31", "hong_kong", ["us.share_limit", "us.buyer_cap"]),
        (
            "H200",
            "2026-01-31",
            "mainland",
            ["us.share_limit", "us.buyer_cap", "china.batch_quota", "china.domestic_ratio"],
        ),
        ("H20", "2026-01-31", "mainland", []),
        ("MI308X", "2026-01-31", "mainland", []),
        ("L20", "2026-01-31", "mainland", []),
        ("H200", "2024-06-01", "mainland", []),
        ("H200", "2023-06-01", "mainland", []),
        ("A100", "2022-09-01", "mainland", []),
    ],
)
def test_the_limits_that_apply(chip, on, destination, limits):
    named = {"A100": "nvidia.a100_80gb"}.get(chip, chip)
    decision = decided(named, on=on, destination=destination)
    assert [found.limit.id for found in decision.headroom] == limits


def test_a_shipment_abroad_takes_nothing_from_the_share_of_china():
    """The count of the rule is of China and Macau; nothing of it is asked of a site elsewhere."""
    abroad = decided(buyer=firm(headquarters="SG"), destination="offshore", us_units=0)
    assert room(abroad, "us.share_limit") is None
    assert abroad.together == "needs"


def test_no_cap_on_a_buyer_was_published_so_any_number_fits():
    cap = room(decided(), "us.buyer_cap")
    assert cap.units == math.inf
    assert cap.fits(10**12) is True


def test_a_chip_without_figures_is_not_held_up_by_a_cap_that_does_not_exist():
    for us_units in (None, 1000):
        decision = decided(mine({}), us_units=us_units)
        assert "us.buyer_cap" not in decision.needs
        assert room(decision, "us.share_limit").units is None


def test_a_tranche_and_a_ratio_that_were_never_published_are_unknown_and_asked_for_as_a_purchase():
    tranche = room(decided(on="2026-01-20"), "china.tranche")
    assert tranche.units is None
    assert "never published" in tranche.basis
    ratio = room(decided(), "china.domestic_ratio")
    assert ratio.units is None
    assert "domestic_purchase_made" in decided().needs
    assert "china.domestic_ratio" not in decided().needs


def test_headroom_between_its_ends(rulebook):
    between = Headroom(rulebook.limit("us.buyer_cap"), 10, 5, 20, "")
    assert [between.fits(units) for units in (5, 6, 20, 21)] == [True, None, None, False]
