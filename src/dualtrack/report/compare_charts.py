"""Charts of a comparison: both sides with their bands, the difference path by path, and how often which is more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.marks import (
    Rows,
    data,
    fan,
    layered,
    lines,
    moment,
    month_axis,
    spread_rows,
    titled,
    value_axis,
)
from dualtrack.report.numbers import PERCENT_UNITS, percent, unit_words
from dualtrack.report.theme import BLUE, DEEP, GREEN, GREY, ORANGE, PURPLE, SAND, TEAL, VERMILION, WIDTH

if TYPE_CHECKING:
    import altair as alt

SIDE_COLOURS = (BLUE, ORANGE)
MANY_COLOURS = (BLUE, GREEN, PURPLE, VERMILION, TEAL, DEEP, SAND)
PANEL_HEIGHT = 190
HOW_TO_READ = (
    "above: median (line) and 80 % of paths (band) of each; below: their difference path by path, median, 50 % and "
    "80 % bands, dots: mean"
)
_SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "million"), (1e3, "thousand"))


def side_by_side(
    label: str,
    unit: str,
    months: Sequence[str],
    sides: Mapping[str, Mapping[str, Any]],
    difference: Mapping[str, Any],
) -> alt.VConcatChart:
    """Both medians with their bands, and below them the fan of the difference.

    Args:
        sides: Two spreads by month, by name, the base last.
        difference: The spread of the paired difference by month.
    """
    import altair as alt

    scale, title = axis_of(unit, list(sides.values()))
    colours = dict(zip(sides, SIDE_COLOURS, strict=True))
    rows: Rows = []
    for name, by_month in sides.items():
        rows += [
            {**{end: row[end] for end in ("when", "p10", "p90")}, "value": row["p50"], "series": name}
            for row in spread_rows(by_month, scale)
        ]
    values = data(rows)
    base = alt.Chart(values).encode(
        x=month_axis(months),
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
        ),
    )
    low, high = (value_axis(title, zero=False, field=end) for end in ("p10", "p90"))
    bands = base.mark_area(opacity=0.18).encode(y=low, y2="p90:Q")
    # Bands that lie over each other mix their colours; their edges say whose they are.
    edges = [base.mark_line(strokeWidth=1, opacity=0.8).encode(y=end) for end in (low, high)]
    above = layered(bands, *edges, lines(values, months, title, colours)).resolve_scale(
        color="independent", strokeDash="independent"
    )
    scale, title = axis_of(unit, [difference], difference=True)
    values = data(spread_rows(difference, scale))
    nought = alt.Chart(values).mark_rule(strokeWidth=0.7).encode(y=alt.datum(0))
    below = layered(nought, fan(values, months, title, GREEN))
    panels = [panel.properties(width=WIDTH, height=PANEL_HEIGHT) for panel in (above, below)]
    joined: alt.VConcatChart = (
        alt.vconcat(*panels, spacing=20)
        .resolve_scale(color="independent", strokeDash="independent")
        .properties(title=alt.TitleParams(text=label, subtitle=" against ".join(sides)))
    )
    return joined


def medians(
    label: str, unit: str, months: Sequence[str], sides: Mapping[str, Mapping[str, Any]]
) -> alt.LayerChart:
    """The median of every side, month by month; the base is grey."""
    scale, title = axis_of(unit, list(sides.values()), high="p50")
    colours = dict(zip(sides, [*MANY_COLOURS[: len(sides) - 1], GREY], strict=True))
    rows: Rows = [
        {"when": moment(month), "value": found["p50"] / scale, "series": name}
        for name, by_month in sides.items()
        for month, found in by_month.items()
        if found["p50"] is not None
    ]
    return titled(lines(rows, months, title, colours), label, "medians")


def how_often(rows: Sequence[tuple[str, Mapping[str, Any]]], scenario: str, base: str) -> alt.LayerChart:
    """For each outcome the share of paths on which the scenario is less than the base, the same, or more."""
    import altair as alt

    names = ("p_less", "p_equal", "p_more")
    words = ("less", "the same", "more")
    cells: Rows = []
    for label, found in rows:
        start = 0.0
        for name, word in zip(names, words, strict=True):
            end = start + 100 * (found[name] or 0.0)
            shown = percent(found[name]) if end - start >= 9 else ""
            cells.append(
                {"outcome": label, "side": word, "low": start, "high": end, "at": (start + end) / 2}
                | {"text": shown}
            )
            start = end
    order = [label for label, _ in rows]
    base_chart = alt.Chart(data(cells)).encode(
        y=alt.Y(
            "outcome:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelLimit=330, domain=False, ticks=False, labelFontSize=12),
        )
    )
    scale = alt.Scale(domain=[0, 100], nice=False)
    bars = base_chart.mark_bar(size=15, opacity=0.85).encode(
        x=alt.X("low:Q", title="share of paths, %", scale=scale, axis=alt.Axis(values=[0, 25, 50, 75, 100])),
        x2="high:Q",
        color=alt.Color(
            "side:N",
            scale=alt.Scale(domain=list(words), range=[ORANGE, "#C9CDD3", BLUE]),
            legend=alt.Legend(title=None, columns=3, symbolType="square"),
        ),
    )
    texts = base_chart.mark_text(fontSize=11, color="#15181C").encode(
        x=alt.X("at:Q", scale=scale), text="text:N"
    )
    return titled(
        layered(bars, texts),
        f"How often {scenario} is more than {base}",
        "share of paths, each outcome against the same luck",
        height=23 * len(order),
        width=WIDTH - 150,
    )


def axis_of(
    unit: str, spreads: Sequence[Mapping[str, Any]], *, difference: bool = False, high: str = "p90"
) -> tuple[float, str]:
    """The divisor of an axis, and its title."""
    if unit in PERCENT_UNITS:
        return 0.01, "difference, percentage points" if difference else "%"
    most = max(
        (
            abs(found[end])
            for by_month in spreads
            for found in by_month.values()
            for end in ("p10", high)
            if found.get(end) is not None
        ),
        default=0.0,
    )
    scale, word = next(((scale, word) for scale, word in _SCALES if most >= scale), (1.0, ""))
    title = " ".join(part for part in (word, unit_words(unit)) if part) or "times"
    return scale, f"difference, {title}" if difference else title
