"""Chips: every chip against every threshold of a day, the picture of all, and each in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from dualtrack.report.chips_chart import outcome_words
from dualtrack.report.classification import chip_sections, nearest_line
from dualtrack.rules.labels import number_text
from dualtrack.web.asked import Asked, read_asked
from dualtrack.web.jobs import chips as work
from dualtrack.web.pages.reference import Parts, shown

router = APIRouter()

Cell = dict[str, Any]


@router.get("/chips")
async def chips(request: Request) -> Response:
    """The catalogue under the law of a day."""
    parts = Parts("chips", "/chips", "chips.html.j2", "chips_part.html.j2", "No chip was classified.")
    return await shown(request, read_asked(request, "on"), parts, _all, work.chips_page)


@router.get("/chips/{id}")
async def chip(request: Request, id: str) -> Response:
    """One chip in full."""
    parts = Parts(
        "chips", f"/chips/{id}", "chip.html.j2", "chip_part.html.j2", "The chip was not classified.", id
    )
    return await shown(request, read_asked(request, "on"), parts, _one, work.chip, id)


def _all(answer: Any, asked: Asked) -> dict[str, Any]:
    documents = answer["chips"]
    in_window = any(each["window_margin"]["tpp"] is not None for each in documents)
    columns = [column for column in _COLUMNS if in_window or not column.of_window]
    later = sum(each["known_by"] > each["law_on"] for each in documents)
    return {
        "law_on": documents[0]["law_on"],
        "note": documents[0]["note"],
        "later": later,
        "columns": columns,
        "rows": [(each, [column.cell(each) for column in columns]) for each in documents],
        "figure": answer["figure"],
    }


def _one(answer: Any, asked: Asked) -> dict[str, Any]:
    head, *others = chip_sections(answer)
    return {"chip": answer, "head": head, "sections": others}


class _Column:
    """A column of the table: its heading, what stands in it, and whether it is numbers."""

    def __init__(
        self,
        heading: str,
        read: Callable[[dict[str, Any]], Any],
        *,
        numeric: bool = True,
        of_window: bool = False,
    ) -> None:
        self.heading = heading
        self.numeric = numeric
        self.of_window = of_window
        self._read = read

    def cell(self, document: dict[str, Any]) -> Cell:
        """The text, and the value by which it is sorted; a figure that is not known sorts last."""
        value = self._read(document)
        if value is None:
            return {"text": "–", "value": ""}
        if isinstance(value, int | float):
            return {"text": number_text(round(value, 2)).replace("-", "−"), "value": value}
        return {"text": value, "value": value}


def _tests(name: str) -> Callable[[dict[str, Any]], str]:
    words = {True: "yes", False: "no", None: "–"}
    return lambda document: "unknown" if name in document["undetermined"] else words[document[name]]


def _nearest(document: dict[str, Any]) -> str | None:
    line = nearest_line(document)
    return None if line is None else f"{line.figure} {line.line}"


def _distance(document: dict[str, Any]) -> float | None:
    line = nearest_line(document)
    return None if line is None else round(100 * line.distance, 1)


_COLUMNS = (
    _Column("US outcome", outcome_words, numeric=False),
    _Column("paragraph", lambda each: each["eccn"] or "not controlled", numeric=False),
    _Column("TPP", lambda each: each["tpp"]),
    _Column("TPP/mm²", lambda each: each["performance_density"]),
    _Column("memory GB/s", lambda each: each["memory_bandwidth_gbps"]),
    _Column("interconnect GB/s", lambda each: each["interconnect_gbps"]),
    _Column("window", _tests("review_window"), numeric=False, of_window=True),
    _Column("TPP to spare", lambda each: each["window_margin"]["tpp"], of_window=True),
    _Column("GB/s to spare", lambda each: each["window_margin"]["bandwidth_gbps"], of_window=True),
    _Column("duty band", lambda each: each["tariff_band"]),
    _Column("letter 2025", _tests("letter_2025"), numeric=False),
    _Column("nearest line", _nearest, numeric=False),
    _Column("off it by %", _distance),
)
