"""The picture of the chips: every chip has its label, every line its number from the law of the day."""

from __future__ import annotations

import itertools
import math
from datetime import date

import pytest

from dualtrack.decide.classify import classification_document, classify
from dualtrack.decide.question import law_on
from dualtrack.entities import load_chips
from dualtrack.facts.book import load_book
from dualtrack.report.chips_chart import chips_figure, outcome_words
from dualtrack.report.label_places import Box, label_places, nearest_edge
from dualtrack.report.theme import render_svg, themed
from dualtrack.rules import Environment, load_rulebook
from dualtrack.rules.conditions import Comparison
from dualtrack.rules.terms import Field, Param

BOOK = load_book()
RULEBOOK = load_rulebook(BOOK)
DAYS = [
    date(2022, 3, 1),
    date(2022, 9, 10),
    date(2023, 1, 1),
    date(2024, 6, 1),
    date(2025, 6, 1),
    date(2026, 1, 31),
]
AXES = {"chip.tpp": "tpp", "chip.dram_bandwidth_gbps": "bandwidth"}


@pytest.fixture(scope="module", params=DAYS, ids=str)
def drawn(request):
    law = law_on(RULEBOOK, BOOK, request.param)
    documents = [classification_document(classify(chip, law)) for chip in load_chips().values()]
    return law, documents, chips_figure(documents, law.parameters)


def rows(figure) -> list[dict]:
    return [row for values in themed(figure.chart)["datasets"].values() for row in values]


def thresholds(tree):
    """Parameters that a tree holds against one of the two axes alone."""
    if isinstance(tree, Comparison):
        if isinstance(tree.left, Field) and tree.left.name in AXES and isinstance(tree.right, Param):
            yield AXES[tree.left.name], tree.right.name
        return
    for child in tree.children():
        yield from thresholds(child)


def test_every_threshold_of_the_us_rules_in_force_is_drawn_with_its_number(drawn):
    law, _, figure = drawn
    segments = [row for row in rows(figure) if "tpp_to" in row]
    lines = {("tpp", row["tpp"]) for row in segments if row["tpp"] == row["tpp_to"]}
    lines |= {("bandwidth", row["bandwidth"]) for row in segments if row["bandwidth"] == row["bandwidth_to"]}
    wanted = set()
    for rule in (*RULEBOOK.rules_of("us.export"), *RULEBOOK.rules_of("us.tariff")):
        if rule.in_force.truth(Environment({}, law.parameters)) is False:
            continue
        wanted |= {(axis, law.parameters[name]) for axis, name in thresholds(rule.condition)}
    assert wanted <= lines
    assert {value for axis, value in lines if axis == "tpp"} <= {
        value for axis, value in wanted if axis == "tpp"
    }


def test_every_chip_with_both_figures_has_its_label(drawn):
    _, documents, figure = drawn
    # A label that is joined to its point stands among the leaders too.
    labels = ", ".join({row["text"]: None for row in rows(figure) if row.get("is_chip")})
    known = [each for each in documents if each["tpp"] and each["memory_bandwidth_gbps"]]
    assert labels.count(",") + 1 == len(known)
    for name in ("H200 SXM", "H20 96GB", "H20 141GB", "Ascend 910C", "Instinct MI325X"):
        assert name in labels


def test_the_reading_counts_the_outcomes_and_names_what_is_not_drawn(drawn):
    law, documents, figure = drawn
    assert str(law.on) in figure.reading
    denied = [
        each
        for each in documents
        if outcome_words(each) == "presumption of denial" and each["memory_bandwidth_gbps"]
    ]
    assert (f"{len(denied)} presumption of denial" in figure.reading) == bool(denied)
    for document in documents:
        if document["memory_bandwidth_gbps"] is None:
            assert document["name"] in figure.reading


def test_a_name_of_a_line_says_its_number_on_the_day():
    names = {}
    for day in DAYS:
        law = law_on(RULEBOOK, BOOK, day)
        documents = [classification_document(classify(chip, law)) for chip in load_chips().values()]
        names[day] = " | ".join(
            row["text"] for row in rows(chips_figure(documents, law.parameters)) if "align" in row
        )
    assert "review window: below 21,000 TPP and 6,500 GB/s" in names[DAYS[-1]]
    assert "3A090.a from 4,800" in names[DAYS[-1]] and "3A090.a" not in names[date(2023, 1, 1)]
    assert "review window" not in names[date(2025, 6, 1)]
    assert names[date(2022, 3, 1)] == ""


def test_the_chart_is_drawn(drawn):
    svg = render_svg(drawn[2].chart)
    assert "NaN" not in svg and "H200 SXM" in svg and "memory bandwidth, GB/s" in svg


def test_labels_cover_neither_each_other_nor_a_point():
    points = [(100 + 13 * math.cos(n), 100 + 13 * math.sin(n)) for n in range(12)]
    sizes = [(40.0 + 5 * n, 12.0) for n in range(12)]
    frame, taken = Box(0, 0, 300, 300), [Box(100, 0, 102, 300)]
    boxes = label_places(points, sizes, frame, taken)
    for one, other in itertools.combinations([*boxes, *taken], 2):
        assert not one.overlaps(other)
    for box, (width, height) in zip(boxes, sizes, strict=True):
        assert box.within(frame)
        assert (box.right - box.left, box.bottom - box.top) == pytest.approx((width, height))
        assert not any(box.overlaps(Box(x - 4, y - 4, x + 4, y + 4)) for x, y in points)


def test_the_nearest_edge_of_a_label_to_the_left_is_its_right_end():
    assert nearest_edge((50, 20), Box(0, 10, 30, 20)) == (30, 20)
