"""The picture of claims: a row for each tested measure, grouped by statement, coloured by verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dualtrack.report.claims_words import interval_words, value_words
from dualtrack.report.marks import data, layered
from dualtrack.report.theme import BLUE, GREY, VERMILION, YELLOW

if TYPE_CHECKING:
    import altair as alt

COLOURS = {
    "holds": BLUE,
    "holds partly": YELLOW,
    "does not hold": VERMILION,
    "cannot be judged": GREY,
}
ROW = 21
WIDE = 300
LABEL = 300
NUMBERS = 330


def verdict_chart(document: Mapping[str, Any]) -> alt.LayerChart:
    """Share that agrees with each test, with the number beside it."""
    import altair as alt

    rows = _rows(document)
    height = ROW * len(rows)
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[len(rows) - 0.5, -0.5], nice=False))
    x_scale = alt.Scale(domain=[0, 100], nice=False)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        legend=alt.Legend(title=None, symbolType="square", columns=4),
    )
    bars = (
        alt.Chart(data([row for row in rows if row["kind"] == "measure"]))
        .mark_bar(size=11, opacity=0.9)
        .encode(
            y=y,
            x=alt.X(
                "share:Q",
                title="share that agrees with the test, %",
                scale=x_scale,
                axis=alt.Axis(values=[0, 20, 40, 60, 80, 100], grid=True),
            ),
            x2=alt.datum(0),
            color=colour,
        )
    )
    # A share of nothing has no bar, so every bar ends in a point.
    ends = (
        alt.Chart(data([row for row in rows if row["kind"] == "measure"]))
        .mark_point(shape="circle", filled=True, size=75, opacity=1)
        .encode(y=y, x=alt.X("share:Q", scale=x_scale), color=colour)
    )
    missing = (
        alt.Chart(data([row for row in rows if row["kind"] == "missing"]))
        .mark_point(shape="cross", angle=45, size=60, filled=True, xOffset=7, opacity=1)
        .encode(y=y, x=alt.datum(0, scale=x_scale), color=colour)
    )
    thresholds = (
        alt.Chart(data(_thresholds(rows)))
        .mark_tick(thickness=2, size=15, opacity=0.8)
        .encode(y=y, x=alt.X("at:Q", scale=x_scale))
    )
    heads = (
        alt.Chart(data([row for row in rows if row["kind"] == "head"]))
        .mark_text(align="left", fontWeight=600, fontSize=13, xOffset=-LABEL)
        .encode(y=y, x=alt.datum(0, scale=x_scale), text="text:N")
    )
    head_marks = (
        alt.Chart(data([row for row in rows if row["kind"] == "head"]))
        .mark_point(shape="square", filled=True, size=110, xOffset=-LABEL - 12, opacity=1)
        .encode(y=y, x=alt.datum(0, scale=x_scale), color=colour)
    )
    names = (
        alt.Chart(data([row for row in rows if row["kind"] != "head"]))
        .mark_text(align="right", fontSize=12, xOffset=-8, limit=LABEL)
        .encode(y=y, x=alt.datum(0, scale=x_scale), text="text:N")
    )
    numbers = (
        alt.Chart(data([row for row in rows if row["kind"] != "head"]))
        .mark_text(align="left", fontSize=12, xOffset=8, limit=NUMBERS)
        .encode(y=y, x=alt.datum(100, scale=x_scale), text="number:N")
    )
    title = alt.TitleParams(
        text=document["title"],
        subtitle="share that agrees with each test; ticks: the thresholds of the verdict",
    )
    parts = (bars, ends, missing, thresholds, heads, head_marks, names, numbers)
    chart: alt.LayerChart = layered(*parts).properties(title=title, width=WIDE, height=height)
    return chart


def _rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for claim in document["claims"]:
        rows.append(
            {
                "place": len(rows),
                "kind": "head",
                "text": f"{claim['id']}: {claim['verdict']}",
                "verdict": claim["verdict"],
                "number": "",
            }
        )
        for measure in claim["measures"]:
            if measure["verdict"] is None:
                continue
            found = "" if measure["missing"] else value_words(measure)
            within = "" if measure["missing"] else interval_words(measure)
            rows.append(
                {
                    "place": len(rows),
                    "kind": "missing" if measure["missing"] else "measure",
                    "text": measure["name"],
                    "verdict": measure["verdict"],
                    "number": f"{found} ({within})" if within else found or "missing",
                    "share": 100 * (measure["probability"] or 0.0),
                    "holds_at": measure["holds_at"],
                    "fails_at": measure["fails_at"],
                    "shared": measure["basis"] in ("futures", "reports"),
                }
            )
    return rows


def _thresholds(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two shares that part the verdicts, where a share can be between nothing and all."""
    return [
        {"place": row["place"], "at": 100 * row[which]}
        for row in rows
        if row["kind"] == "measure" and row["shared"]
        for which in ("holds_at", "fails_at")
    ]
