"""Another run behind a chart's own, in grey: its rows, the marks that show them, and the label that says what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.marks import Rows, dashes, data, moment, month_axis, stack_areas, value_axis
from dualtrack.report.theme import GREY

if TYPE_CHECKING:
    import altair as alt

    from dualtrack.report.marks import Values

# Marks to be layered with the run's own in one step: altair copies a layer within a layer many times over.
Parts = list[Any]
WITHOUT = "without your changes"
NOTE = "note"


def shared(own: Iterable[str], other: Mapping[str, Any]) -> dict[str, Any]:
    """What the other run has for the periods, or names, that this one has too."""
    return {name: other[name] for name in own if name in other}


def within(rows: Rows, months: Sequence[str]) -> Rows:
    """The rows of these months."""
    times = set(map(moment, months))
    return [row for row in rows if row["when"] in times]


def behind(rows: Mapping[str, Rows], how: str) -> dict[str, Rows]:
    """The other run's rows with the label that says how they are drawn; nothing where the two share no month.

    Args:
        how: `dashed grey` and so on.
    """
    return {**rows, NOTE: [{"text": f"{how}: {WITHOUT}"}]} if any(rows.values()) else {}


def note() -> alt.Chart:
    """The label, above the right end of the plot."""
    import altair as alt

    label: alt.Chart = (
        alt.Chart(data(NOTE))
        .mark_text(align="right", baseline="bottom", fontSize=12)
        .encode(x=alt.value("width"), y=alt.value(-7), text="text:N")
    )
    return label


def fan_ghost(values: Values, months: Sequence[str], y_title: str) -> Parts:
    """The median as a dashed line, 80 % of paths as a faint band with dotted edges."""
    import altair as alt

    base = alt.Chart(data(values)).encode(x=month_axis(months))
    low, middle, high = (value_axis(y_title, field=level) for level in ("p10", "p50", "p90"))
    band = base.mark_area(color=GREY, opacity=0.12).encode(y=low, y2="p90:Q")
    edges = [
        base.mark_line(color=GREY, strokeWidth=1, strokeDash=[1, 2], opacity=0.9).encode(y=end)
        for end in (low, high)
    ]
    return [band, *edges, base.mark_line(color=GREY, strokeWidth=2, strokeDash=[6, 3]).encode(y=middle)]


def lines_ghost(
    values: Values, months: Sequence[str], y_title: str, names: Sequence[str], legend_offset: int
) -> alt.Chart:
    """Thin grey lines with the dashes of the run's own."""
    import altair as alt

    ghost: alt.Chart = (
        alt.Chart(data(values))
        .mark_line(color=GREY, strokeWidth=1.3)
        .encode(
            x=month_axis(months),
            y=value_axis(y_title, field="value"),
            strokeDash=dashes(names, legend_offset),
        )
    )
    return ghost


def intervals_ghost(values: Values, y: str, order: Sequence[str], x_title: str) -> Parts:
    """Beneath each row 80 % of paths as a thin line, the median as a hollow tick."""
    import altair as alt

    base = alt.Chart(data(values)).encode(y=alt.Y(f"{y}:N", sort=list(order), title=None))
    below = 13
    line = base.mark_bar(size=2, color=GREY, yOffset=below).encode(
        x=alt.X("p10:Q", title=x_title), x2="p90:Q"
    )
    tick = base.mark_point(shape="square", filled=False, color=GREY, size=30, yOffset=below).encode(
        x=alt.X("p50:Q", title=x_title)
    )
    return [line, tick]


def upright_ghost(values: Values, x: alt.X, y_title: str, beside: float) -> Parts:
    """`beside` pixels right of each column 80 % of paths as a thin line, the median as a hollow tick."""
    import altair as alt

    base = alt.Chart(data(values)).encode(x=x)
    line = base.mark_bar(size=2, color=GREY, xOffset=beside).encode(
        y=alt.Y("p10:Q", title=y_title), y2="p90:Q"
    )
    tick = base.mark_point(shape="square", filled=False, color=GREY, size=30, xOffset=beside).encode(
        y=alt.Y("p50:Q", title=y_title)
    )
    return [line, tick]


def boundaries(by_month: Mapping[str, Mapping[str, float]], labels: Mapping[str, str]) -> Rows:
    """Where the states of a stack meet, month by month."""
    rows = stack_areas(by_month, labels)
    top = rows[-1]["state"] if rows else ""
    return [
        {"when": row["when"], "state": row["state"], "at": row["high"]} for row in rows if row["state"] != top
    ]


def stack_ghost(values: Values, months: Sequence[str]) -> Parts:
    """Dotted lines where the other run's states meet."""
    import altair as alt

    base = alt.Chart(data(values)).encode(x=month_axis(months), y=alt.Y("at:Q"), detail="state:N")
    # Dark dots on a light line are seen on every colour of a stack.
    halo = base.mark_line(color="#FFFFFF", strokeWidth=2.2, opacity=0.55)
    return [halo, base.mark_line(color="#3A3F47", strokeWidth=1.4, strokeDash=[1.5, 3])]
