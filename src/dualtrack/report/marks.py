"""The marks that charts are made of: fans, lines, intervals, stacks; and the rows of the document that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from dualtrack.report.numbers import percent
from dualtrack.report.theme import BLUE, HEIGHT, WIDTH

if TYPE_CHECKING:
    import altair as alt

    Values = list[dict[str, Any]] | str | alt.InlineData | alt.NamedData

Rows = list[dict[str, Any]]
HOW_TO_READ = "line: median; dark band: 50 % of paths; light band: 80 %; dots: mean"
LEAST_SHARE = 0.001
SHORT_LABEL = 24
LEGEND_OFFSET = 18
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def moment(month: str) -> str:
    """A month as a local time: with no zone in it, an axis shows the same month everywhere."""
    return f"{month}-01T00:00:00"


def spread_rows(by_period: Mapping[str, Mapping[str, Any]], scale: float = 1.0, **labels: Any) -> Rows:
    """One row for each period whose spread is defined, its numbers divided by `scale`."""
    rows: Rows = []
    for period, found in by_period.items():
        if found.get("p50") is None:
            continue
        numbers = {
            name: found[name] / scale for name in ("mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95")
        }
        when = {"when": moment(period)} if "-" in period else {}
        rows.append({"period": period, **when, **numbers, "p_zero": found["p_zero"], **labels})
    return rows


def data(values: Values) -> alt.InlineData | alt.NamedData:
    """What a mark shows: the name of a form's rows, or the rows themselves inside the document.

    Layers given the same data share one copy; altair copies all others again at every step.
    """
    import altair as alt

    if isinstance(values, str):
        return alt.NamedData(name=values)
    return alt.InlineData(values=values) if isinstance(values, list) else values


def layered(*parts: Any) -> alt.LayerChart:
    """Marks over one another, the first at the back."""
    import altair as alt

    return cast("alt.LayerChart", alt.layer(*parts))


def month_axis(months: Sequence[str]) -> alt.X:
    """The time axis: a label every half year, every quarter for short runs, every month for the shortest."""
    import altair as alt

    step = 6 if len(months) > 24 else 3 if len(months) > 8 else 1
    shown = [moment(month) for n, month in enumerate(months) if n % step == 0]
    axis = alt.Axis(title="month (values at month end)", format="%b %Y", values=shown, labelFlush=False)
    edges = [moment(months[0]), moment(months[-1])]
    return alt.X("when:T", axis=axis, scale=alt.Scale(domain=edges) if len(months) > 1 else alt.Scale())


def value_axis(title: str, *, zero: bool = True, field: str = "p50") -> alt.Y:
    import altair as alt

    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=6))


def titled(chart: Any, title: str, subtitle: str, height: int = HEIGHT, width: int = WIDTH) -> alt.LayerChart:
    """The chart with its title, how to read it, and its size."""
    import altair as alt

    heading = alt.TitleParams(text=title, subtitle=subtitle)
    return cast("alt.LayerChart", chart.properties(title=heading, width=width, height=height))


def fan(
    values: Values,
    months: Sequence[str],
    y_title: str,
    colour: str = BLUE,
    *,
    dash: int = 0,
    zero: bool = True,
) -> alt.LayerChart:
    """Median line, 50 % and 80 % bands, and the mean as dots."""
    import altair as alt

    base = alt.Chart(data(values)).encode(x=month_axis(months))
    axis = value_axis(y_title, zero=zero)
    wide = base.mark_area(color=colour, opacity=0.2).encode(
        y=value_axis(y_title, zero=zero, field="p10"), y2="p90:Q"
    )
    narrow = base.mark_area(color=colour, opacity=0.32).encode(
        y=value_axis(y_title, zero=zero, field="p25"), y2="p75:Q"
    )
    line = base.mark_line(color=colour, strokeWidth=2.5, strokeDash=DASHES[dash]).encode(y=axis)
    dots = base.mark_point(color=colour, size=16, filled=True, opacity=0.9).encode(
        y=alt.Y("mean:Q", title=y_title)
    )
    return layered(wide, narrow, line, dots)


def end_rows(rows: Rows, text: str) -> Rows:
    """The last of the rows, with the text of its label."""
    return [{**row, "text": text} for row in rows[-1:]]


def end_label(values: Values) -> alt.Chart:
    """A label to the right of a line's last point."""
    import altair as alt

    label = (
        alt.Chart(data(values))
        .mark_text(align="left", dx=8, fontSize=13)
        .encode(x="when:T", y=alt.Y("p50:Q"), text="text:N")
    )
    return cast("alt.Chart", label)


def lines(
    values: Values,
    months: Sequence[str],
    y_title: str,
    colours: Mapping[str, str],
    legend_offset: int = LEGEND_OFFSET,
) -> alt.Chart:
    """One line for each `series`, told apart by colour, dash and the legend."""
    import altair as alt

    names = list(colours)
    legend = _legend(names, legend_offset)
    drawn = (
        alt.Chart(data(values))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=month_axis(months),
            y=value_axis(y_title, field="value"),
            color=alt.Color(
                "series:N", scale=alt.Scale(domain=names, range=list(colours.values())), legend=legend
            ),
            strokeDash=dashes(names, legend_offset),
        )
    )
    return cast("alt.Chart", drawn)


def dashes(names: Sequence[str], legend_offset: int) -> alt.StrokeDash:
    """The dash of each `series`, the first whole."""
    import altair as alt

    scale = alt.Scale(domain=list(names), range=[list(DASHES[n % 4]) for n in range(len(names))])
    return alt.StrokeDash("series:N", scale=scale, legend=_legend(names, legend_offset))


def _legend(names: Sequence[str], offset: int) -> alt.Legend:
    import altair as alt

    columns = 2 if max(map(len, names)) > SHORT_LABEL else 4
    return alt.Legend(title=None, symbolSize=500, symbolType="stroke", columns=columns, offset=offset)


def stack_areas(by_month: Mapping[str, Mapping[str, float]], labels: Mapping[str, str]) -> Rows:
    """Where each state lies in a stack, month by month, in %; what never happens has no place."""
    names = [
        name for name in labels if any(found.get(name, 0.0) > LEAST_SHARE for found in by_month.values())
    ]
    rows: Rows = []
    for month, found in by_month.items():
        floor = 0.0
        for name in names:
            share = found.get(name, 0.0)
            place = {"low": 100 * floor, "high": 100 * (floor + share)}
            rows.append({"when": moment(month), "state": labels[name], "share": share, **place})
            floor += share
    return rows


def stack_labels(areas: Rows, height: int) -> Rows:
    """The names of a stack's areas at its right end; those that would overlap are moved apart, in their order."""
    last = [row for row in areas if row["when"] == areas[-1]["when"]]
    middles = [(row["low"] + row["high"]) / 2 for row in last]
    places = spaced(middles, least=100 * 19 / height, top=100.0)
    return [
        {
            "when": row["when"],
            "place": place,
            "state": row["state"],
            "text": f"{row['state']}, {percent(row['share'])}",
        }
        for row, place in zip(last, places, strict=True)
    ]


def stack(
    values: Values, beside: Values, months: Sequence[str], colours: Mapping[str, str], y_title: str
) -> alt.LayerChart:
    """Shares stacked over time, each named at the right end beside a swatch of its colour.

    Args:
        values: What `stack_areas` gives.
        beside: What `stack_labels` gives.
        colours: By label.
    """
    import altair as alt

    colour = alt.Color(
        "state:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
    )
    areas = (
        alt.Chart(data(values))
        .mark_area(opacity=0.92, stroke="#FFFFFF", strokeWidth=0.6, strokeOpacity=0.8)
        .encode(
            x=month_axis(months),
            y=alt.Y(
                "low:Q",
                title=y_title,
                scale=alt.Scale(domain=[0, 100], nice=False),
                axis=alt.Axis(values=[0, 25, 50, 75, 100]),
            ),
            y2="high:Q",
            color=colour,
            detail="state:N",
        )
    )
    label_base = alt.Chart(data(beside)).encode(x="when:T", y=alt.Y("place:Q"))
    swatches = label_base.mark_point(shape="square", filled=True, size=110, opacity=1, xOffset=12).encode(
        color=colour
    )
    texts = label_base.mark_text(align="left", dx=24, fontSize=13).encode(text="text:N")
    return layered(areas, swatches, texts)


def spaced(places: Sequence[float], least: float, top: float) -> list[float]:
    """Places in the same order, at least `least` apart, not above `top`; pushed up first, then down.

    >>> spaced([0.0, 1.0, 50.0, 99.0, 100.0], least=10.0, top=100.0)
    [0.0, 10.0, 50.0, 90.0, 100.0]
    """
    out = list(places)
    for n in range(1, len(out)):
        out[n] = max(out[n], out[n - 1] + least)
    ceiling = top
    for n in reversed(range(len(out))):
        out[n] = min(out[n], ceiling)
        ceiling = out[n] - least
    return out


def intervals(
    values: Values, y: str, order: Sequence[str], x_title: str, colour: str = BLUE
) -> alt.LayerChart:
    """One line per row: 80 % and 50 % intervals as bars, the median as a tick, the mean as a diamond."""
    import altair as alt

    base = alt.Chart(data(values)).encode(
        y=alt.Y(
            f"{y}:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=230, domain=False, ticks=False)
        )
    )
    x_axis = alt.Axis(tickCount=6, grid=True)
    wide = base.mark_bar(size=7, color=colour, opacity=0.3).encode(
        x=alt.X("p10:Q", title=x_title, axis=x_axis), x2="p90:Q"
    )
    narrow = base.mark_bar(size=13, color=colour, opacity=0.5).encode(
        x=alt.X("p25:Q", title=x_title), x2="p75:Q"
    )
    middle = base.mark_tick(size=20, thickness=3).encode(x=alt.X("p50:Q", title=x_title))
    mean = base.mark_point(shape="diamond", filled=True, size=60, opacity=1).encode(
        x=alt.X("mean:Q", title=x_title)
    )
    return layered(wide, narrow, middle, mean)
