"""The chips by performance and memory bandwidth, with the lines of the law of a day drawn between them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.label_places import Box, label_places, nearest_edge
from dualtrack.report.law_lines import (
    BANDS,
    FONT_SIZE,
    HIGH,
    LINE_HEIGHT,
    WIDE,
    Scale,
    law_lines,
    scale_of,
    text_width,
    ticks,
)
from dualtrack.report.marks import Rows, data, layered, titled
from dualtrack.report.sections import words
from dualtrack.report.study_page import Figure
from dualtrack.report.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, TEAL, VERMILION
from dualtrack.rules import ParameterValues

if TYPE_CHECKING:
    import altair as alt

Documents = Sequence[Mapping[str, Any]]

LEADER_FROM = 12  # pixels; a label farther from its point than this is joined to it
BESIDE = 11  # pixels between points that stand in one place with different outcomes
PALE = 0.4

# Colour and shape by outcome; a chip made in China passes no gate.
CHINESE = "made in China"
LOOKS: Mapping[str, tuple[str, str]] = {
    "not controlled": (GREEN, "circle"),
    "exception nac": (TEAL, "triangle-right"),
    "case by case": (BLUE, "diamond"),
    "licence required": (ORANGE, "triangle-up"),
    "presumption of denial": (VERMILION, "cross"),
    "undetermined": (PURPLE, "triangle-down"),
    CHINESE: (GREY, "square"),
}


def chips_figure(documents: Documents, parameters: ParameterValues) -> Figure:
    """The picture of the chips under the law of a day, with what it shows in words.

    Args:
        documents: As `classification_document` gives them.
        parameters: The numbers of that day.
    """
    drawn = _drawn(documents)
    on = documents[0]["law_on"]
    counts = Counter(outcome_words(document) for document in drawn)
    said = ", ".join(f"{counts[name]} {name}" for name in LOOKS if counts[name])
    missing = [str(document["name"]) for document in documents if document not in drawn]
    left_out = f" Not drawn, as a figure is not published: {', '.join(missing)}." if missing else ""
    reading = (
        f"Under the law of {on}, of {len(drawn)} chips for which both figures are known: {said}.{left_out}"
    )
    how = (
        "Both axes are logarithmic. Colour and shape: the outcome at the US gate for an order to the mainland with all else in "
        "order. Lines: thresholds in force on that day; density is TPP per mm² of die. A thin line joins a label to its chip. Chips with the same figures and different outcomes "
        "stand side by side; pale: announced after that day."
    )
    return Figure(
        "chips", "Performance against memory bandwidth", reading, how, chips_chart(documents, parameters)
    )


def outcome_words(document: Mapping[str, Any]) -> str:
    """The outcome at the US gate in words."""
    return CHINESE if document["outcome"] is None else words(document["outcome"])


def chips_chart(documents: Documents, parameters: ParameterValues) -> alt.LayerChart:
    """Each chip as a labelled point, and every line of the law."""
    import altair as alt

    drawn = _drawn(documents)
    x_scale = scale_of([document["memory_bandwidth_gbps"] for document in drawn], WIDE)
    y_scale = scale_of([document["tpp"] for document in drawn], HIGH)
    x = alt.X(
        "bandwidth:Q",
        title="memory bandwidth, GB/s",
        scale=alt.Scale(type="log", domain=x_scale.domain, nice=False),
        axis=alt.Axis(values=ticks(x_scale), format=",", grid=False),
    )
    y = alt.Y(
        "tpp:Q",
        title="total processing performance (TPP)",
        scale=alt.Scale(type="log", domain=y_scale.domain, nice=False),
        axis=alt.Axis(values=ticks(y_scale), format=",", grid=False),
    )
    lines, names, taken = law_lines(parameters, x_scale, y_scale)
    points_drawn = _points(drawn, x_scale)
    labels = _labels(points_drawn, parameters, x_scale, y_scale, taken)
    looks = {name: look for name, look in LOOKS.items() if name in {outcome_words(each) for each in drawn}}
    legend = alt.Legend(title=None, columns=4, symbolSize=90, symbolOpacity=1)
    points = (
        alt.Chart(data(points_drawn))
        .mark_point(filled=True, size=75)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "outcome:N",
                scale=alt.Scale(domain=list(looks), range=[colour for colour, _ in looks.values()]),
                legend=legend,
            ),
            shape=alt.Shape(
                "outcome:N",
                scale=alt.Scale(domain=list(looks), range=[shape for _, shape in looks.values()]),
                legend=legend,
            ),
            opacity=alt.Opacity("opacity:Q", scale=None),
        )
    )
    # Each segment is a line of its own.
    law = (
        alt.Chart(data(lines))
        .mark_rule(strokeDash=[5, 3], opacity=0.65)
        .encode(x=x, y=y, x2="bandwidth_to:Q", y2="tpp_to:Q")
    )
    leaders = (
        alt.Chart(data([row for row in labels if row["far"]]))
        .mark_rule(opacity=0.35, strokeWidth=0.8)
        .encode(x=alt.X("edge_bandwidth:Q"), y=alt.Y("edge_tpp:Q"), x2="from_bandwidth:Q", y2="from_tpp:Q")
    )
    texts = (
        alt.Chart(data([row for row in labels if row["is_chip"]]))
        .mark_text(fontSize=FONT_SIZE, align="center", baseline="middle")
        .encode(x=x, y=y, text="text:N")
    )
    law_texts = [
        alt.Chart(data([row for row in names if row["align"] == align]))
        .mark_text(fontSize=FONT_SIZE, fontStyle="italic", align=align, baseline="middle")
        .encode(x=x, y=y, text="text:N")
        for align in ("left", "center")
    ]
    band_texts = (
        alt.Chart(data([row for row in labels if not row["is_chip"]]))
        .mark_text(fontSize=FONT_SIZE, fontStyle="italic", align="center", baseline="middle")
        .encode(x=x, y=y, text="text:N")
    )
    parts = layered(law, leaders, points, texts, *law_texts, band_texts)
    subtitle = f"law of {documents[0]['law_on']}; logarithmic axes"
    return titled(parts, "Chips by performance and memory bandwidth", subtitle, HIGH, WIDE)


def _drawn(documents: Documents) -> list[Mapping[str, Any]]:
    return [
        each for each in documents if each["tpp"] is not None and each["memory_bandwidth_gbps"] is not None
    ]


def _points(drawn: Documents, x_scale: Scale) -> Rows:
    """Where each chip stands; chips of one place and different outcomes stand side by side."""
    places: dict[tuple[float, float], dict[str, None]] = {}
    names = short_names([document["name"] for document in drawn])
    rows: Rows = []
    for document, name in zip(drawn, names, strict=True):
        bandwidth, tpp = document["memory_bandwidth_gbps"], document["tpp"]
        outcome = outcome_words(document)
        here = places.setdefault((bandwidth, tpp), {})
        here.setdefault(outcome)
        rows.append(
            {
                "name": name,
                "bandwidth": x_scale.value(x_scale.pixel(bandwidth) + BESIDE * list(here).index(outcome)),
                "tpp": tpp,
                "outcome": outcome,
                "opacity": PALE if document["known_by"] > document["law_on"] else 1.0,
            }
        )
    return rows


def _labels(
    points: Rows, parameters: ParameterValues, x_scale: Scale, y_scale: Scale, taken: list[Box]
) -> Rows:
    """A label for each point, and for each duty band; chips in one point share it."""
    by_place: dict[tuple[float, float], list[str]] = {}
    for point in points:
        by_place.setdefault((point["bandwidth"], point["tpp"]), []).append(point["name"])
    anchors = [(place, ", ".join(names), True) for place, names in by_place.items()]
    anchors += [
        ((parameters[band.bandwidth[1]], parameters[band.tpp[1]]), band.says, False)
        for band in BANDS
        if parameters[band.switch]
    ]
    pixels = [(x_scale.pixel(x), HIGH - y_scale.pixel(y)) for (x, y), _, _ in anchors]
    sizes = [(text_width(text), float(LINE_HEIGHT)) for _, text, _ in anchors]
    boxes = label_places(pixels, sizes, Box(0, 0, WIDE, HIGH), taken)
    rows: Rows = []
    for ((x, y), text, is_chip), (at_x, at_y), box in zip(anchors, pixels, boxes, strict=True):
        edge = nearest_edge((at_x, at_y), box)
        rows.append(
            {
                "text": text,
                "is_chip": is_chip,
                "bandwidth": x_scale.value((box.left + box.right) / 2),
                "tpp": y_scale.value(HIGH - (box.top + box.bottom) / 2),
                "far": math.dist(edge, (at_x, at_y)) > LEADER_FROM,
                "edge_bandwidth": x_scale.value(edge[0]),
                "edge_tpp": y_scale.value(HIGH - edge[1]),
                "from_bandwidth": x,
                "from_tpp": y,
            }
        )
    return rows


def short_names(names: Sequence[str]) -> list[str]:
    """Names without what stands in brackets and, where that leaves them apart, without the memory.

    >>> short_names(["H200 SXM 141GB", "H20 96GB", "H20 141GB", "Ascend 920 (rumour)"])
    ['H200 SXM', 'H20 96GB', 'H20 141GB', 'Ascend 920']
    """
    bare = [re.sub(r"\s*\(.*?\)", "", name) for name in names]
    shorter = [re.sub(r"\s*\d+GB$", "", name) for name in bare]
    return [short if shorter.count(short) == 1 else name for name, short in zip(bare, shorter, strict=True)]
