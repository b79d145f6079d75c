"""Charts of the back-test: forecasts with what happened, coverage against nominal, and where outcomes fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dualtrack.report.marks import Rows, data, layered, titled
from dualtrack.report.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, WIDTH

if TYPE_CHECKING:
    import altair as alt

Document = Mapping[str, Any]

ROW_HEIGHT = 30
HOW_FORECASTS = (
    "dark bar: 50 % of paths; light bar: 80 %; tick: median; orange dots: what happened, one for each source; grey cross: last year "
    "repeated. Logarithmic; a bar that reaches the left edge goes on to none."
)
ORIGIN_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
EDGE = 3.0  # how far left of the smallest figure shown the axis begins, as a factor
MARGIN = 1.3


def forecasts(
    document: Document, targets: Sequence[str], title: str, unit: str, scale: float
) -> alt.LayerChart:
    """Every period of some targets as a row: intervals of the forecast, observed figures, last year repeated."""
    import altair as alt

    cases = [case for case in document["cases"] if case["target"] in targets]
    titles = {name: document["targets"][name]["name"] for name in targets}
    labels = {
        id(case): f"{case['period']}, from {case['origin']}"
        + (f" ({titles[case['target']]})" if len(targets) > 1 else "")
        for case in cases
    }
    shown = [
        value
        for case in cases
        for value in (
            case["forecast"]["p10"],
            case["forecast"]["p25"],
            case["forecast"]["p50"],
            *(reading["observed"] for reading in case["readings"]),
            case["last_year"]["forecast"] if case["last_year"] else None,
        )
        if value
    ]
    # Room for what goes on to none, where anything does.
    some_none = any(case["forecast"]["p10"] < min(shown) for case in cases)
    edge = min(shown) / (EDGE if some_none else MARGIN)
    bars: Rows = [
        {
            "row": labels[id(case)],
            **{
                name: max(case["forecast"][name], edge) / scale
                for name in ("p10", "p25", "p50", "p75", "p90")
            },
        }
        for case in cases
    ]
    observed: Rows = [
        {"row": labels[id(case)], "value": max(reading["observed"], edge) / scale}
        for case in cases
        for reading in case["readings"]
    ]
    rivals: Rows = [
        {"row": labels[id(case)], "value": case["last_year"]["forecast"] / scale}
        for case in cases
        if case["last_year"]
    ]
    tops = [row["p90"] for row in bars] + [row["value"] for row in observed]
    domain = [edge / scale, max(tops) * MARGIN]
    order = [labels[id(case)] for case in cases]
    y = alt.Y(
        "row:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=330, labelPadding=10, domain=False, ticks=False),
    )

    def x(field: str) -> alt.X:
        return alt.X(
            f"{field}:Q",
            title=unit,
            scale=alt.Scale(type="log", domain=domain, nice=False, clamp=True),
            axis=alt.Axis(grid=True, tickCount=5, format="~s" if max(tops) >= 1e3 else "~g"),
        )

    base = alt.Chart(data(bars)).encode(y=y)
    wide = base.mark_bar(size=8, color=BLUE, opacity=0.3).encode(x=x("p10"), x2="p90:Q")
    narrow = base.mark_bar(size=14, color=BLUE, opacity=0.5).encode(x=x("p25"), x2="p75:Q")
    middle = base.mark_tick(size=20, thickness=3).encode(x=x("p50"))
    last = (
        alt.Chart(data(rivals))
        .mark_point(shape="cross", filled=True, size=55, color=GREY, opacity=1)
        .encode(y=y, x=x("value"))
    )
    dots = (
        alt.Chart(data(observed))
        .mark_point(filled=True, size=75, color=VERMILION, opacity=1)
        .encode(y=y, x=x("value"))
    )
    return titled(
        layered(wide, narrow, middle, last, dots),
        title,
        "bars: 50 and 80 % of paths; dots: what happened; cross: last year repeated",
        height=ROW_HEIGHT * len(order),
    )


def coverage(document: Document) -> alt.LayerChart:
    """Nominal against actual coverage by target."""
    import altair as alt

    names = {"all": "all", **{n: t["name"] for n, t in document["targets"].items()}}
    rows: Rows = [
        {
            "target": f"{names[row['target']]}, {row['cases']} cases",
            "nominal": f"{level} %",
            "actual": 100.0 * share,
            "aim": float(level),
        }
        for row in document["coverage"]
        for level, share in row["actual"].items()
    ]
    order = list(dict.fromkeys(row["target"] for row in rows))
    levels = list(dict.fromkeys(row["nominal"] for row in rows))
    y = alt.Y(
        "target:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=330, labelPadding=10, domain=False, ticks=False),
    )
    shift = alt.YOffset("nominal:N", sort=levels)
    x = alt.X("actual:Q", title="outcomes inside the interval, %", scale=alt.Scale(domain=[0, 100]))
    colour = alt.Color(
        "nominal:N",
        sort=levels,
        scale=alt.Scale(domain=levels, range=[BLUE, ORANGE, GREEN]),
        legend=alt.Legend(title="interval", symbolType="circle", columns=3, symbolOpacity=1),
    )
    base = alt.Chart(data(rows)).encode(y=y, yOffset=shift, color=colour)
    gap = base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, x2="aim:Q")
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(x=x)
    aims = base.mark_tick(size=11, thickness=3).encode(x=alt.X("aim:Q"))
    return titled(
        layered(gap, dots, aims),
        "Coverage: nominal against actual",
        "dots: share of outcomes inside; ticks: what it should be",
        height=58 * len(order),
        width=WIDTH - 60,
    )


def places(document: Document) -> alt.LayerChart:
    """The probability integral transform of every case, by target and origin."""
    import altair as alt

    names = {name: target["name"] for name, target in document["targets"].items()}
    rows: Rows = [
        {
            "target": names[case["target"]],
            "pit": 100.0 * case["score"]["pit"],
            "origin": f"from {case['origin']}",
        }
        for case in document["cases"]
    ]
    order = list(dict.fromkeys(names[case["target"]] for case in document["cases"]))
    origins = list(dict.fromkeys(str(row["origin"]) for row in rows))
    y = alt.Y(
        "target:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=330, labelPadding=10, domain=False, ticks=False),
    )
    x = alt.X(
        "pit:Q",
        title="where the outcome fell in the forecast: % of paths below it",
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(grid=True, values=[0, 10, 25, 50, 75, 90, 100]),
    )
    dots = (
        alt.Chart(data(rows))
        .mark_point(size=90, strokeWidth=2, filled=False, opacity=0.9)
        .encode(
            x=x,
            y=y,
            yOffset=alt.YOffset("origin:N", sort=origins),
            color=alt.Color(
                "origin:N",
                sort=origins,
                scale=alt.Scale(domain=origins, range=list(ORIGIN_COLOURS[: len(origins)])),
                legend=alt.Legend(title=None, columns=4),
            ),
            shape=alt.Shape(
                "origin:N",
                sort=origins,
                scale=alt.Scale(
                    domain=origins, range=["circle", "square", "triangle-up", "diamond"][: len(origins)]
                ),
                legend=None,
            ),
        )
    )
    return titled(
        layered(dots),
        "Where outcomes fell",
        "a good forecast spreads them evenly from 0 to 100",
        height=54 * len(order),
        width=WIDTH - 60,
    )
