"""Charts of one kind of mark: a fan, or lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dualtrack.report.form import Chart, form
from dualtrack.report.marks import HOW_TO_READ, Rows, fan, lines, titled
from dualtrack.report.theme import HEIGHT

if TYPE_CHECKING:
    import altair as alt


def fan_chart(rows: Rows, months: Sequence[str], y_title: str, colour: str, title: str) -> Chart:
    """A fan of `spread_rows` over the months."""
    return Chart(_fan(tuple(months), y_title, colour, title), {"spread": rows})


@form
def _fan(months: tuple[str, ...], y_title: str, colour: str, title: str) -> alt.LayerChart:
    return titled(fan("spread", months, y_title, colour), title, HOW_TO_READ)


def line_chart(
    rows: Rows,
    months: Sequence[str],
    y_title: str,
    colours: Mapping[str, str],
    title: str,
    subtitle: str,
    *,
    height: int = HEIGHT,
) -> Chart:
    """One line for each `series` of the rows, in the order of the colours."""
    shape = (tuple(months), y_title, tuple(colours.items()), title, subtitle, height)
    return Chart(_lines(*shape), {"series": rows})


@form
def _lines(
    months: tuple[str, ...],
    y_title: str,
    colours: tuple[tuple[str, str], ...],
    title: str,
    subtitle: str,
    height: int,
) -> alt.LayerChart:
    return titled(lines("series", months, y_title, dict(colours)), title, subtitle, height)
