"""Chips against every threshold, the thin cases first."""

from __future__ import annotations

import math
from datetime import date

import pytest

from dualtrack.decide.classify import classification_document, classify
from dualtrack.decide.decision import decide
from dualtrack.decide.gates import gate_outcomes
from dualtrack.decide.question import law_on, order_question
from dualtrack.entities import Order, find_buyer, find_chip, load_chips
from dualtrack.facts.book import load_book
from dualtrack.rules import load_rulebook

BOOK = load_book()
RULEBOOK = load_rulebook(BOOK)


def classified(name: str, on: date | None = None) -> dict:
    return classification_document(classify(find_chip(name), law_on(RULEBOOK, BOOK, on)))


def nearest(document: dict) -> dict:
    return document["lines"][0]


def test_h20_is_32_tpp_under_a_line():
    h20 = classified("H20")
    assert (h20["tpp"], h20["eccn"], h20["letter_2025"]) == (2368, None, True)
    assert (nearest(h20)["parameter"], nearest(h20)["margin"]) == ("us.control.b1.tpp_min", -32)
    assert "paragraph_b" in nearest(h20)["changes"]


def test_l20_is_under_the_density_of_band_b():
    l20 = classified("L20")
    assert l20["performance_density"] == pytest.approx(3.14, abs=0.005)
    assert (l20["eccn"], l20["letter_2025"]) == (None, False)
    assert nearest(l20)["parameter"] == "us.control.b2.density_min"
    assert nearest(l20)["margin"] == pytest.approx(-0.06, abs=0.005)


@pytest.mark.parametrize(("name", "band"), [("MI325X", 2), ("MI300X", None)])
def test_two_chips_are_81_tpp_under_the_ceiling(name, band):
    chip = classified(name)
    assert chip["window_margin"]["tpp"] == pytest.approx(81, abs=0.5)
    assert (chip["eccn"], chip["review_window"], chip["tariff_band"]) == ("3A090.a", True, band)
    assert nearest(chip)["parameter"] == "us.review.tpp_ceiling"


def test_h200_is_in_the_first_duty_band_and_its_card_is_in_the_window_only():
    assert classified("H200")["tariff_band"] == 1
    card = classified("nvidia.h200_nvl")
    assert (card["review_window"], card["tariff_band"], card["set_by"]) == (True, None, "fp16_bf16")


def test_b30a_is_out_by_four_bits_and_in_by_eight():
    b30a = classified("B30A")
    assert (b30a["set_by"], b30a["review_window"], b30a["us_availability"]) == ("fp4", False, False)
    assert b30a["by_precision"]["fp4"]["review_window"] is False
    assert b30a["by_precision"]["fp8"]["review_window"] is True
    assert b30a["tpp_range"] == [26000, 30000]


def test_gaudi_3_needs_no_area_to_be_in_band_a_and_is_out_of_the_window():
    gaudi = classified("Gaudi 3")
    assert gaudi["performance_density"] is None
    assert (gaudi["eccn"], gaudi["review_window"], gaudi["undetermined"]) == ("3A090.a", False, {})


def test_mi250x_is_in_band_a_by_its_performance_alone():
    chip = classified("MI250X")
    assert (chip["eccn"], chip["review_window"], chip["letter_2025"]) == ("3A090.a", True, False)


def test_the_paragraph_of_mi308x_is_undetermined_as_its_area_is_not_known():
    chip = classified("MI308X")
    assert (chip["eccn"], chip["exception_nac"], chip["letter_2025"]) == ("undetermined", None, True)
    assert any("density is an estimate" in why for why in chip["undetermined"]["paragraph_a"])
    assert chip["window_margin"]["bandwidth_gbps"] == 1200


def test_a_chip_without_figures_is_undetermined_and_says_what_is_missing():
    chip = classified("L600")
    assert (chip["tpp"], chip["eccn"], chip["review_window"]) == (None, "undetermined", None)
    assert any("not published" in why for why in chip["undetermined"]["review_window"])


@pytest.mark.parametrize(
    ("name", "on", "eccn"),
    [
        ("A100", date(2022, 10, 6), None),
        ("A100", date(2022, 10, 7), "3A090.a"),
        ("A800", date(2023, 11, 16), None),
        ("A800", date(2023, 11, 17), "3A090.a"),
    ],
)
def test_the_paragraph_is_that_of_the_day(name, on, eccn):
    chip = classified(name, on)
    assert chip["eccn"] == eccn
    assert (chip["review_window"], chip["tariff_band"]) == (None, None)


@pytest.mark.parametrize("name", sorted(chip.id for chip in load_chips().values() if chip.country != "CN"))
def test_the_class_agrees_with_the_decision_and_every_line_is_one(name):
    chip, law = find_chip(name), law_on(RULEBOOK, BOOK)
    found = classify(chip, law)
    assert [abs(line.margin) / line.line for line in found.lines] == sorted(
        abs(line.margin) / line.line for line in found.lines
    )
    assert all(math.isfinite(line.margin) and line.changes for line in found.lines)
    outcome = gate_outcomes(
        RULEBOOK,
        "us.export",
        order_question(Order(chip, find_buyer("bytedance"), 1, "mainland", "commercial"), law),
    )
    rank = int(outcome.rank)
    names = RULEBOOK.subject("us.export").outcomes
    if found.eccn == "3A090.a":
        assert names[rank] in ("case_by_case", "presumption_of_denial")
        reviewed = found.review_window is True and chip.commercially_available_us is True
        if chip.commercially_available_us is not None and not found.undetermined:
            assert (names[rank] == "case_by_case") == reviewed
    elif found.eccn is None:
        assert names[rank] == ("licence_required" if found.letter_2025 else "not_controlled")


@pytest.mark.parametrize("on", [date(2022, 3, 1), date(2023, 1, 1), date(2025, 6, 1), None])
def test_the_outcome_is_that_of_a_decision_on_an_order_with_nothing_against_it(on):
    law = law_on(RULEBOOK, BOOK, on)
    for chip in load_chips().values():
        outcome = classification_document(classify(chip, law))["outcome"]
        if chip.country == "CN":
            assert outcome is None
            continue
        order = Order(chip, find_buyer("bytedance"), 1, "mainland", "commercial")
        assert outcome == decide(order, law).gates["us"].outcome, chip.id
