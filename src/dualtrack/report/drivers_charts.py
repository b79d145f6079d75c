"""Charts of a study of drivers: strengths, tornado, distances, and the boxes of a conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.drivers_words import called
from dualtrack.report.marks import Rows, data, layered, titled
from dualtrack.report.numbers import SCALES, unit_words
from dualtrack.report.theme import BLUE, GREEN, GREY, ORANGE, VERMILION, WIDTH

if TYPE_CHECKING:
    import altair as alt

Document = Mapping[str, Any]

SHOWN = 8
ROW_HEIGHT = 38
FIRST, TOTAL = "alone (first order)", "alone or with others (total order)"
LOW, HIGH = "lowest tenth", "highest tenth"
# Inputs that vary together stand under each other.
_LABEL = "split(datum.label, ' + ')"


def strengths(found: Document, title: str, on: str) -> alt.LayerChart:
    """First and total order of the leading inputs, with their intervals."""
    import altair as alt

    shown = found["indices"]["inputs"][:SHOWN]
    rows: Rows = [
        {
            "input": called(row["name"]),
            "series": series,
            "value": 100 * max(row[part]["value"], 0.0),
            "low": 100 * max(row[part]["low"], 0.0),
            "high": 100 * max(row[part]["high"], 0.0),
        }
        for row in shown
        for part, series in (("total", TOTAL), ("first", FIRST))
    ]
    title_x = f"share of the variance of {'its rank' if on == 'ranks' else 'the outcome'}, %"
    colours = alt.Color(
        "series:N",
        scale=alt.Scale(domain=[TOTAL, FIRST], range=[BLUE, ORANGE]),
        legend=alt.Legend(title=None, symbolType="square"),
    )
    base = alt.Chart(data(rows)).encode(
        y=_names([called(row["name"]) for row in shown]), yOffset=alt.YOffset("series:N", sort=[TOTAL, FIRST])
    )
    bars = base.mark_bar(opacity=0.75).encode(
        x=alt.X(
            "value:Q", title=title_x, axis=alt.Axis(grid=True, tickCount=6), scale=alt.Scale(domainMin=0)
        ),
        color=colours,
    )
    whiskers = base.mark_rule(strokeWidth=1.6).encode(x=alt.X("low:Q", title=title_x), x2="high:Q")
    return titled(
        layered(bars, whiskers), title, "bars: estimates; lines: 95 % intervals", _height(len(shown))
    )


def effects(found: Document, unit: str, title: str, on: str) -> alt.LayerChart:
    """Mean absolute change for one step of the leading inputs (Morris), with intervals."""
    import altair as alt

    shown = found["effects"]["inputs"][:SHOWN]
    scale, words = _scaled([row["size"]["high"] for row in shown], unit, on)
    rows: Rows = [
        {
            "input": called(row["name"]),
            **{part: row["size"][part] / scale for part in ("value", "low", "high")},
        }
        for row in shown
    ]
    title_x = f"mean absolute change for one step{words}"
    base = alt.Chart(data(rows)).encode(y=_names([called(row["name"]) for row in shown]))
    bars = base.mark_bar(opacity=0.75, color=BLUE).encode(
        x=alt.X("value:Q", title=title_x, axis=alt.Axis(grid=True, tickCount=6))
    )
    whiskers = base.mark_rule(strokeWidth=1.6).encode(x=alt.X("low:Q", title=title_x), x2="high:Q")
    return titled(
        layered(bars, whiskers), title, "bars: estimates; lines: 95 % intervals", _height(len(shown))
    )


def tornado(found: Document, title: str) -> alt.LayerChart:
    """Mean of the outcome with each input in its lowest and in its highest tenth."""
    import altair as alt

    shown = clear_swings(found)[:SHOWN]
    mean = found["paths"]["mean"]
    ends = [row[end]["mean"] for row in shown for end in ("low", "high")]
    scale, words = _scaled([*ends, mean], found["unit"], "values")
    rows: Rows = [
        {"input": row["key"], "part": part, "from": mean / scale, "to": row[end]["mean"] / scale}
        for row in shown
        for end, part in (("low", LOW), ("high", HIGH))
    ]
    title_x = f"mean of the outcome{words}"
    base = alt.Chart(data(rows)).encode(y=_names([row["key"] for row in shown]))
    bars = base.mark_bar(opacity=0.8, size=18).encode(
        x=alt.X("from:Q", title=title_x, axis=alt.Axis(grid=True, tickCount=6), scale=alt.Scale(zero=False)),
        x2="to:Q",
        color=alt.Color(
            "part:N",
            scale=alt.Scale(domain=[LOW, HIGH], range=[BLUE, ORANGE]),
            legend=alt.Legend(title="input in its", symbolType="square"),
        ),
    )
    middle = (
        alt.Chart(data([{"mean": mean / scale}]))
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("mean:Q", title=title_x))
    )
    subtitle = "line: mean over all paths; for conflicting reports: the one with the lowest mean, the highest"
    return titled(layered(bars, middle), title, subtitle, _height(len(shown)))


def distances(found: Document, title: str) -> alt.LayerChart:
    """How far the distribution of each input differs where the conclusion holds, and what chance would give."""
    import altair as alt

    shown = found["regional"][:SHOWN]
    rows: Rows = [{"input": row["key"], "distance": row["distance"], "clear": row["clear"]} for row in shown]
    title_x = "largest difference of the two distributions (Kolmogorov-Smirnov)"
    bars = (
        alt.Chart(data(rows))
        .mark_bar(size=18)
        .encode(
            y=_names([row["key"] for row in shown]),
            x=alt.X("distance:Q", title=title_x, axis=alt.Axis(grid=True, tickCount=6)),
            color=alt.condition("datum.clear", alt.value(GREEN), alt.value(GREY)),
        )
    )
    chance = (
        alt.Chart(data([{"by_chance": shown[0]["threshold"]}]))
        .mark_rule(strokeDash=[6, 3], strokeWidth=2)
        .encode(x=alt.X("by_chance:Q", title=title_x))
    )
    return titled(
        layered(bars, chance), title, "dashed: what chance alone hardly ever exceeds", _height(len(shown))
    )


def peeling(found: Document, title: str) -> alt.LayerChart:
    """Coverage and density of every box of the first search, and of the chosen boxes where they were checked."""
    import altair as alt

    x = alt.X("coverage:Q", title="coverage: part of the cases inside, %", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("density:Q", title="density: cases in the box, %", scale=alt.Scale(domain=[0, 100]))
    way: Rows = [
        {"coverage": 100 * row["coverage"], "density": 100 * row["density"], "inputs": row["inputs"]}
        for row in found["trajectory"]
    ]
    dots = (
        alt.Chart(data(way))
        .mark_circle(size=70, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "inputs:Q",
                scale=alt.Scale(range=["#A9CCE8", "#1B4F7A"]),
                legend=alt.Legend(title="inputs restricted", format="d", tickMinStep=1, gradientLength=160),
            ),
        )
    )
    chosen: Rows = [
        {
            "coverage": 100 * box["checked"]["coverage"],
            "density": 100 * box["checked"]["density"],
            "text": f"box {n}",
        }
        for n, box in enumerate(found["boxes"], 1)
    ]
    marks = alt.Chart(data(chosen)).encode(x=x, y=y)
    diamonds = marks.mark_point(shape="diamond", filled=True, size=160, color=VERMILION, opacity=1)
    names = marks.mark_text(align="left", dx=4, dy=18).encode(text="text:N")
    return titled(
        layered(dots, diamonds, names),
        title,
        "dots: boxes on the way, on the paths searched; diamonds: the boxes chosen, on the other paths",
    )


def box_ranges(box: Document, title: str) -> alt.LayerChart:
    """Which part of each input's own range a box keeps, with the values at its ends."""
    import altair as alt

    rows: Rows = []
    texts: Rows = []
    for limit in box["limits"]:
        key = limit["key"]
        whole = [("outside", 0.0, 100.0)]
        kept = [("kept", 100 * low, 100 * high) for low, high in limit["parts"]]
        rows += [{"input": key, "part": part, "low": low, "high": high} for part, low, high in whole + kept]
        texts.append({"input": key, "place": 102.0, "text": limit["words"]})
    order = [limit["key"] for limit in box["limits"]]
    base = alt.Chart(data(rows)).encode(y=_names(order))
    title_x = "part of the input's own distribution, %"
    axis = alt.X("low:Q", title=title_x, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=6))
    bars = base.mark_bar(size=16).encode(
        x=axis,
        x2="high:Q",
        color=alt.Color(
            "part:N", scale=alt.Scale(domain=["outside", "kept"], range=["#D9DCE1", GREEN]), legend=None
        ),
        order=alt.Order("low:Q"),
    )
    labels = (
        alt.Chart(data(texts))
        .mark_text(align="left", clip=False)
        .encode(y=_names(order), x=alt.X("place:Q", title=title_x), text="text:N")
    )
    width = WIDTH - 160
    return titled(layered(bars, labels), title, "green: what the box keeps", _height(len(order)), width)


def clear_swings(found: Document) -> list[Document]:
    """The swings that chance does not explain, the largest first."""
    return [row for row in found["tornado"] if row["clear"]]


def _names(order: Sequence[str]) -> alt.Y:
    import altair as alt

    axis = alt.Axis(labelLimit=260, domain=False, ticks=False, labelExpr=_LABEL, labelLineHeight=14)
    return alt.Y("input:N", sort=list(order), title=None, axis=axis)


def _height(rows: int) -> int:
    return max(2, rows) * ROW_HEIGHT


def _scaled(values: Sequence[float], unit: str, on: str) -> tuple[float, str]:
    """What to divide by so that an axis has few digits, and the words for it."""
    if on == "ranks":
        return 0.01, ", % of all rows"
    largest = max((abs(value) for value in values), default=0.0)
    scale, letter = next(((s, name) for s, name in SCALES if largest >= 10 * s), (1.0, ""))
    words = " ".join(part for part in (letter, unit_words(unit)) if part)
    return scale, f", {words}" if words else ""
