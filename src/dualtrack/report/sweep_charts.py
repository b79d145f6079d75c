"""Charts of a sweep: lines with bands over one key, heat maps over two, the frontier of the ratio, payoffs of a game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.marks import Rows, data, intervals, layered, titled
from dualtrack.report.numbers import PERCENT_UNITS, unit_words
from dualtrack.report.theme import BLUE, GREEN, ORANGE, PURPLE, VERMILION

if TYPE_CHECKING:
    import altair as alt

Document = Mapping[str, Any]

STEPS = ((1e12, "trillion"), (1e9, "bn"), (1e6, "million"), (1e3, "thousand"))
HEAT_SIZE = 380
MOST_NUMBERED = 7
MOST_LABELS = 12
MOST_CELLS_WITH_NUMBERS = 64
QUANTILES = ("mean", "p10", "p25", "p50", "p75", "p90")
LINE_READING = (
    "line: median; dark band: 50 % of paths; light band: 80 %; dots: mean; dashes: own setting's mean"
)
BAR_READING = "thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean"


def scaled(unit: str, values: Sequence[float]) -> tuple[float, str]:
    """What to divide by and what the axis then counts: `million H100e`.

    >>> scaled("usd", [1e9, 4e10]), scaled("ratio", [3.0]), scaled("fraction", [0.5])
    ((1000000000.0, 'bn USD'), (1.0, ''), (0.01, '%'))
    """
    if unit in PERCENT_UNITS:
        return 0.01, "%"
    most = max((abs(value) for value in values), default=0.0)
    for step, word in STEPS:
        if most >= step:
            return step, f"{word} {unit_words(unit)}".strip()
    return 1.0, unit_words(unit)


def key_title(axis: Document) -> str:
    words = unit_words(axis["unit"])
    return f"{axis['key']} ({words})" if words and words != axis["unit"] else str(axis["key"])


def over_one(document: Document, outcome: Document) -> alt.LayerChart:
    """An outcome over the values of one key: bands where they are numbers, bars where they are names."""
    axis = document["keys"][0]
    found = [point["outcomes"][outcome["name"]] for point in document["points"]]
    divisor, title = scaled(
        outcome["unit"], [one[name] for one in found for name in QUANTILES if one[name] is not None]
    )
    rows: Rows = [
        {
            "value": axis["values"][n],
            "number": None if axis["numbers"] is None else axis["numbers"][n],
            **{name: one[name] / divisor for name in QUANTILES},
        }
        for n, one in enumerate(found)
        if one["p50"] is not None
    ]
    own = outcome["own"]["mean"]
    if axis["numbers"] is None or len(rows) < 3:
        chart = intervals(rows, "value", axis["values"], title or outcome["unit"])
        return titled(chart, outcome["label"], BAR_READING, height=max(40 * len(rows), 80))
    rows.sort(key=lambda row: row["number"])
    return titled(
        _band(rows, key_title(axis), title or outcome["unit"], None if own is None else own / divisor),
        outcome["label"],
        LINE_READING,
    )


def _band(rows: Rows, x_title: str, y_title: str, own: float | None) -> Any:
    import altair as alt

    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "number:Q", title=x_title, axis=alt.Axis(tickCount=8), scale=alt.Scale(zero=False, nice=False)
        )
    )

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=y_title, axis=alt.Axis(tickCount=6))

    layers: list[Any] = [
        base.mark_area(color=BLUE, opacity=0.2).encode(y=y("p10"), y2="p90:Q"),
        base.mark_area(color=BLUE, opacity=0.32).encode(y=y("p25"), y2="p75:Q"),
        base.mark_line(color=BLUE, strokeWidth=2.5).encode(y=y("p50")),
        base.mark_point(color=BLUE, filled=True, size=40, opacity=1).encode(y=y("mean")),
    ]
    if own is not None:
        rule = alt.Chart(data([{"own": own}])).mark_rule(strokeDash=[6, 4], strokeWidth=1.5, opacity=0.7)
        layers.append(rule.encode(y=alt.Y("own:Q", title=y_title)))
    return layered(*layers)


def over_two(document: Document, outcome: Document) -> alt.LayerChart:
    """The mean of an outcome over the values of two keys."""
    means = [point["outcomes"][outcome["name"]]["mean"] for point in document["points"]]
    return heat(
        document["keys"],
        [point["at"] for point in document["points"]],
        means,
        outcome["unit"],
        outcome["label"],
        "mean over the paths of each point",
    )


def heat(
    axes: Sequence[Document],
    at: Sequence[Mapping[str, str]],
    values: Sequence[float | None],
    unit: str,
    title: str,
    subtitle: str,
    marks: Sequence[Any] = (),
) -> alt.LayerChart:
    """A heat map with the first key across and the second upwards.

    Args:
        at: The values of both keys at each point.
        marks: Layers to lie over it.
    """
    import altair as alt

    divisor, counted = scaled(unit, [value for value in values if value is not None])
    across, up = axes
    rows: Rows = [
        {"x": place[across["key"]], "y": place[up["key"]], "value": value / divisor}
        for place, value in zip(at, values, strict=True)
        if value is not None
    ]
    base = alt.Chart(data(rows)).encode(x=heat_x(across), y=heat_y(up))
    legend = alt.Legend(title=counted or None, orient="right", gradientLength=HEAT_SIZE * 0.6, tickCount=6)
    layers: list[Any] = [
        base.mark_rect().encode(
            color=alt.Color("value:Q", scale=alt.Scale(scheme="viridis", zero=False), legend=legend)
        )
    ]
    if len(rows) <= MOST_CELLS_WITH_NUMBERS and not marks:
        low = min(row["value"] for row in rows)
        high = max(row["value"] for row in rows)
        ink = alt.condition(f"datum.value > {(low + high) / 2}", alt.value("#000000"), alt.value("#FFFFFF"))
        layers.append(base.mark_text(fontSize=12).encode(text=alt.Text("value:Q", format=".3~g"), color=ink))
    return titled(layered(*layers, *marks), title, subtitle, HEAT_SIZE, HEAT_SIZE)


def heat_x(axis: Document, field: str = "x") -> alt.X:
    import altair as alt

    return alt.X(
        f"{field}:N", sort=list(axis["values"]), title=key_title(axis), axis=_labels(axis, angle=_angle(axis))
    )


def heat_y(axis: Document, field: str = "y") -> alt.Y:
    import altair as alt

    return alt.Y(
        f"{field}:N", sort=list(reversed(axis["values"])), title=key_title(axis), axis=_labels(axis, 0)
    )


def _angle(axis: Document) -> int:
    return -45 if max(map(len, axis["values"])) > 5 else 0


def _labels(axis: Document, angle: int) -> alt.Axis:
    import altair as alt

    step = -(-len(axis["values"]) // MOST_LABELS)
    return alt.Axis(
        values=list(axis["values"])[::step],
        labelAngle=angle,
        labelLimit=150,
        grid=False,
        ticks=True,
        domain=False,
    )


def exchange(frontier: Document, side: str) -> alt.LayerChart:
    """Imports (or compute in China) against domestic makers' volume as the ratio runs: means."""
    import altair as alt

    points = frontier["points"]
    x_scale, x_unit = scaled("units", [point["domestic"]["mean"] for point in points])
    y_scale, y_unit = scaled(frontier[side]["unit"], [point[side]["mean"] for point in points])
    said = _marks(frontier)
    step = -(-len(points) // MOST_NUMBERED)
    rows: Rows = []
    highest = 0
    for n, point in enumerate(points):
        ratio = point["ratio"]
        shown = n % step == 0 or n == len(points) - 1 or ratio in said
        rows.append(
            {
                "order": n,
                "x": point["domestic"]["mean"] / x_scale,
                "y": point[side]["mean"] / y_scale,
                "label": f"{ratio:g}" if shown else "",
                "marked": ratio in said,
            }
        )
        highest = n if rows[n]["y"] > rows[highest]["y"] else highest
    x = alt.X(
        "x:Q",
        title=f"{frontier['domestic']['label']}, {x_unit}",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=6),
    )
    y = alt.Y("y:Q", title=y_unit, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))
    colour = ORANGE if side == "imports" else PURPLE

    def base(kept: Rows) -> Any:
        return alt.Chart(data(kept)).encode(x=x, y=y)

    layers = [
        base(rows).mark_line(color=colour, strokeWidth=2.5).encode(order="order:Q"),
        base(rows).mark_point(color=colour, filled=True, size=45, opacity=1),
    ]
    marked = [row for row in rows if row["marked"]]
    layers.append(base(marked).mark_point(color=VERMILION, shape="diamond", filled=True, size=170, opacity=1))
    # Numbers stand outside of the arc.
    for kept, align, dx in ((rows[:highest], "right", -9), (rows[highest:], "left", 9)):
        if kept:
            layers.append(base(kept).mark_text(align=align, dx=dx, dy=-9, fontSize=13).encode(text="label:N"))
    marks = "; ".join(f"{ratio:g}, {' and '.join(words)}" for ratio, words in sorted(said.items()))
    return titled(
        layered(*layers),
        f"{frontier[side]['label']} against domestic makers' volume",
        f"means; numbers: the ratio; diamond: {marks}",
    )


def _marks(frontier: Document) -> dict[float, list[str]]:
    """What is marked on the frontier, by ratio."""
    said: dict[float, list[str]] = {frontier["compute_peak"]["ratio"]: ["compute in China is highest"]}
    typical, mean, year = frontier["supply_stop"]["ratio"], frontier["mean_stop"], frontier["year"]
    # At the loosest point there is nothing to mark: supply is used up without any ratio.
    if typical is not None and typical > frontier["points"][0]["ratio"]:
        said.setdefault(typical, []).append(f"makers deliver no more in {year} (median path)")
    if mean is not None:
        said.setdefault(mean["ratio"], []).append(f"makers deliver no more in {year} (mean)")
    return said


def holding(frontier: Document) -> alt.LayerChart:
    """How often the ratio asks for anything, cannot be met, and no longer moves what makers deliver."""
    import altair as alt

    series = {
        "months in which anything is owed": (GREEN, [1, 0]),
        "months in which owed chips cannot be had": (VERMILION, [6, 3]),
        f"paths losing imports in {frontier['year']} in which makers deliver no more": (BLUE, [2, 2]),
    }
    names = list(series)
    by_ratio = frontier["supply_stop"]["by_ratio"] or [None] * len(frontier["points"])
    rows: Rows = []
    for point, stopped in zip(frontier["points"], by_ratio, strict=True):
        values = (point["months_owed"], point["months_missing"], stopped)
        rows += [
            {"number": point["ratio"], "value": 100 * value, "series": name}
            for name, value in zip(names, values, strict=True)
            if value is not None
        ]
    legend = alt.Legend(title=None, symbolSize=500, symbolType="stroke", columns=1, labelLimit=500)
    drawn = (
        alt.Chart(data(rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("number:Q", title="china.ratio", axis=alt.Axis(tickCount=8), scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title="share, %", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=names, range=[c for c, _ in series.values()]),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "series:N",
                scale=alt.Scale(domain=names, range=[d for _, d in series.values()]),
                legend=legend,
            ),
        )
    )
    return titled(drawn, "What holds the ratio", "shares of months and of paths", 220)


def payoffs(document: Document, side: str) -> alt.LayerChart:
    """A side's payoff over both keys, its best replies and the fixed points."""
    import altair as alt

    game = document["game"]
    sides = game["sides"]
    axes = {axis["key"]: axis for axis in document["keys"]}
    across, up = axes[sides["us"]["key"]], axes[sides["china"]["key"]]
    at = [{across["key"]: u, up["key"]: c} for u in across["values"] for c in up["values"]]
    values = [value for row in game["payoffs"][side] for value in row]
    replies: Rows = [
        {"x": value, "y": reply["against"]} if side == "us" else {"x": reply["against"], "y": value}
        for reply in game["best_replies"][side]
        for value in reply["values"]
    ]
    fixed: Rows = [{"x": one["at"][across["key"]], "y": one["at"][up["key"]]} for one in game["fixed_points"]]
    marks = [
        alt.Chart(data(rows))
        .mark_point(
            shape=shape,
            filled=filled,
            size=size,
            opacity=1,
            color="#FFFFFF",
            stroke="#000000",
            strokeWidth=1.5,
        )
        .encode(x=heat_x(across), y=heat_y(up))
        for rows, shape, filled, size in ((replies, "circle", True, 60), (fixed, "diamond", True, 230))
        if rows
    ]
    name = "the United States" if side == "us" else "China"
    return heat(
        (across, up),
        at,
        values,
        "",
        f"What it is worth to {name}",
        "circles: its best replies; diamonds: fixed points",
        marks,
    )
