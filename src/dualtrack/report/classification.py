"""The pages of `dualtrack classify`: one chip in full, or many in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dualtrack.report.sections import Section, words
from dualtrack.rules.labels import label_of, number_text

MOST_IN_FULL = 3
MOST_LINES = 6
_WORDS = {True: "yes", False: "no", None: "–"}
_TESTS = {
    "paragraph_2022": "3A090 of October 2022",
    "paragraph_a": "3A090.a",
    "paragraph_b": "3A090.b",
    "exception_nac": "notified exception",
    "review_window": "review window",
    "tariff_band_1": "duty band 1",
    "tariff_band_2": "duty band 2",
    "letter_2025": "letter of 2025",
}


def classification_sections(documents: Sequence[dict[str, Any]]) -> list[Section]:
    """One page for each chip, or a table where there are more than a few."""
    if len(documents) > MOST_IN_FULL:
        return [_table(documents)]
    return [
        section
        for document in documents
        for section in (*chip_sections(document), *_sources(document["sources"]))
    ]


def chip_sections(document: dict[str, Any]) -> list[Section]:
    """One chip in full, without its sources."""
    sections = [_head(document)]
    if document["undetermined"]:
        open_tests = tuple((_TESTS[name], "; ".join(why)) for name, why in document["undetermined"].items())
        sections.append(Section("Undetermined", (), ("test", "because"), open_tests))
    if len({row["review_window"] for row in document["by_precision"].values()}) > 1:
        sections.append(_precisions(document["by_precision"]))
    if document["lines"]:
        sections.append(_lines(document["lines"]))
    return sections


def _table(documents: Sequence[dict[str, Any]]) -> Section:
    header = ("chip", "TPP", "TPP/mm²", "3A090", "NAC", "window", "band", "letter")
    rows = tuple(
        (
            document["chip"],
            _number(document["tpp"]),
            _number(document["performance_density"]),
            str(document["eccn"] or "–").removeprefix("3A090").replace("undetermined", "?"),
            _yes(document, "exception_nac"),
            _yes(document, "review_window"),
            str(document["tariff_band"] or "–"),
            _yes(document, "letter_2025"),
        )
        for document in documents
    )
    text = (
        f"Law of {documents[0]['law_on']}. NAC: notified exception; window: both axes of the January 2026 review; band: "
        "duty; letter: reaches the letters of April 2025; ?: hangs on a figure that is not known. A chip by name gives its "
        "margins and sources.",
        *((documents[0]["note"],) if documents[0]["note"] else ()),
    )
    return Section(f"{len(documents)} chips", text, header, rows, numeric=(1, 2), whole=(0,))


def _yes(document: dict[str, Any], name: str) -> str:
    return "?" if name in document["undetermined"] else _WORDS[document[name]]


@dataclass(frozen=True)
class NearestLine:
    """The threshold that a chip is nearest to.

    Attributes:
        distance: How far the chip is above it, in parts of the line; below zero where it is below.
    """

    figure: str
    line: str
    distance: float


def nearest_line(document: dict[str, Any]) -> NearestLine | None:
    """The first of the lines that a chip is near; None where no line in force is about it."""
    if not document["lines"]:
        return None
    line = document["lines"][0]
    return NearestLine(_figure(line["field"]), _number(line["line"]), line["margin"] / line["line"])


def _figure(field: str) -> str:
    return label_of(field).label.removeprefix("the chip's ")


def _head(document: dict[str, Any]) -> Section:
    rows = (
        (
            "total processing performance",
            _spread(document["tpp"], document["tpp_range"]),
            f"set by {document['set_by'] or 'nothing published'}",
        ),
        (
            "performance density",
            _spread(document["performance_density"], document["density_range"]),
            "TPP per mm² of die",
        ),
        ("memory bandwidth", _number(document["memory_bandwidth_gbps"]), "GB/s"),
        ("interconnect", _number(document["interconnect_gbps"]), "GB/s, both directions summed"),
        ("outcome at the US gate", *_outcome(document)),
        ("ECCN", str(document["eccn"] or "not controlled"), ""),
        ("notified exception", _yes(document, "exception_nac"), ""),
        ("review window (both axes)", _yes(document, "review_window"), _margins(document["window_margin"])),
        ("on sale in the United States", _WORDS[document["us_availability"]], "when the rule was published"),
        ("duty band", str(document["tariff_band"] or "none"), ""),
        ("letter of April 2025", _yes(document, "letter_2025"), ""),
    )
    said = [f"Law of {document['law_on']}.", *((document["note"],) if document["note"] else ())]
    if document["known_by"] > document["law_on"]:
        said.append(
            f"It was announced in {document['announced']}, after this day: the law of the day is held against the figures "
            "known later."
        )
    if document["estimated"]:
        said.append(f"Estimated: {', '.join(document['estimated'])}.")
    return Section(f"{document['name']} ({document['chip']})", tuple(said), (), rows, (1,))


def _outcome(document: dict[str, Any]) -> tuple[str, str]:
    if document["outcome"] is None:
        return "–", "made in China"
    return words(document["outcome"]), "to the mainland, all else in order"


def _sources(sources: Sequence[dict[str, Any]]) -> list[Section]:
    cited = tuple((", ".join(part["fields"]), str(part["publisher"]), part["confidence"]) for part in sources)
    return [Section("Sources", (), ("figures", "publisher", "confidence"), cited)] if cited else []


def _precisions(by_precision: dict[str, Any]) -> Section:
    rows = tuple(
        (name, _number(row["tpp"]), _WORDS[row["review_window"]]) for name, row in by_precision.items()
    )
    text = ("The highest sets the TPP; taken alone, the precisions do not agree about the window.",)
    return Section("By precision", text, ("precision", "TPP", "in the window"), rows, (1,))


def _lines(lines: Sequence[dict[str, Any]]) -> Section:
    by_place: dict[tuple[str, float], list[dict[str, Any]]] = {}
    for line in lines:
        by_place.setdefault((line["field"], line["line"]), []).append(line)
    rows = tuple(
        (
            _figure(field),
            _number(line),
            _side(here[0]["margin"]),
            ", ".join(dict.fromkeys(_TESTS[name] for each in here for name in each["changes"])),
        )
        for (field, line), here in list(by_place.items())[:MOST_LINES]
    )
    text = ("Crossing one of these alone would change the answer; the nearest first.",)
    return Section("Lines it is near", text, ("figure", "line", "the chip is", "decides"), rows, (1, 2))


def _side(margin: float) -> str:
    if margin == 0:
        return "on it"
    return f"{number_text(round(abs(margin), 2))} {'above' if margin > 0 else 'below'}"


def _spread(value: float | None, span: Sequence[float] | None) -> str:
    return _number(value) + (f" ({_number(span[0])} – {_number(span[1])})" if span else "")


def _margins(margin: dict[str, float | None]) -> str:
    said = []
    for name, unit in (("tpp", "TPP"), ("bandwidth_gbps", "GB/s")):
        value = margin[name]
        if value is not None:
            said.append(
                f"{number_text(round(abs(value), 1))} {unit} {'to spare' if value > 0 else 'too much'}"
            )
    return ", ".join(said)


def _number(value: float | None) -> str:
    return "–" if value is None else number_text(round(value, 2))
