"""Charts of one kind of mark, a fan or lines, and the rows they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.form import Chart, form
from dualtrack.report.ghost import behind, fan_ghost, lines_ghost, note, within
from dualtrack.report.headline import Document
from dualtrack.report.marks import (
    HOW_TO_READ,
    LEGEND_OFFSET,
    Rows,
    fan,
    layered,
    lines,
    moment,
    spread_rows,
    titled,
)
from dualtrack.report.theme import HEIGHT

if TYPE_CHECKING:
    import altair as alt


def outcome_rows(document: Document | None, name: str, scale: float = 1.0) -> Rows:
    """The spread of an outcome by month, its numbers divided by `scale`; none of no run."""
    return spread_rows(document["outcomes"][name]["by_month"], scale) if document else []


def series_rows(by_month: Mapping[str, Mapping[str, Any]], field: str, scale: float, series: str) -> Rows:
    """One number of a spread by month where it is defined, as a line of that name."""
    return [
        {"when": moment(month), "value": found[field] / scale, "series": series}
        for month, found in by_month.items()
        if found[field] is not None
    ]


def fan_chart(rows: Rows, months: Sequence[str], y_title: str, colour: str, title: str, ghost: Rows) -> Chart:
    """A fan of `spread_rows` over the months, before that of another run."""
    quiet = behind({"ghost": within(ghost, months)}, "dashed grey")
    return Chart(_fan(tuple(months), y_title, colour, title, bool(quiet)), {"spread": rows, **quiet})


@form
def _fan(months: tuple[str, ...], y_title: str, colour: str, title: str, ghost: bool) -> alt.LayerChart:
    chart = fan("spread", months, y_title, colour)
    if ghost:
        chart = layered(*fan_ghost("ghost", months, y_title), chart, note())
    return titled(chart, title, HOW_TO_READ)


def line_chart(
    rows: Rows,
    months: Sequence[str],
    y_title: str,
    colours: Mapping[str, str],
    title: str,
    subtitle: str,
    *,
    ghost: Rows,
    height: int = HEIGHT,
) -> Chart:
    """One line for each `series` of the rows, in the order of the colours, before those of another run."""
    quiet = behind({"ghost": within(ghost, months)}, "thin grey")
    shape = (tuple(months), y_title, tuple(colours.items()), title, subtitle, height, bool(quiet))
    return Chart(_lines(*shape), {"series": rows, **quiet})


@form
def _lines(
    months: tuple[str, ...],
    y_title: str,
    colours: tuple[tuple[str, str], ...],
    title: str,
    subtitle: str,
    height: int,
    ghost: bool,
) -> alt.LayerChart:
    # The label of a ghost stands between the plot and the legend.
    offset = 2 * LEGEND_OFFSET if ghost else LEGEND_OFFSET
    chart: Any = lines("series", months, y_title, dict(colours), offset)
    if ghost:
        names = [name for name, _ in colours]
        chart = layered(lines_ghost("ghost", months, y_title, names, offset), chart, note())
    return titled(chart, title, subtitle, height)
