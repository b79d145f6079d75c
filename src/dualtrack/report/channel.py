"""Charts of the channel itself: its gates, its stages, what holds it back, who is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dualtrack.report.form import Chart, form
from dualtrack.report.ghost import (
    behind,
    boundaries,
    intervals_ghost,
    note,
    shared,
    stack_ghost,
)
from dualtrack.report.headline import REASON_WORDS, STATE_WORDS, Document, marks, run_months
from dualtrack.report.marks import (
    Rows,
    data,
    intervals,
    layered,
    moment,
    month_axis,
    spread_rows,
    stack,
    stack_areas,
    stack_labels,
    titled,
)
from dualtrack.report.numbers import short
from dualtrack.report.single import fan_chart, outcome_rows
from dualtrack.report.theme import (
    BLUE,
    DEEP,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SAND,
    SKY,
    TEAL,
    VERMILION,
    WIDTH,
    YELLOW,
)

if TYPE_CHECKING:
    import altair as alt

STAGES = (
    ("h200_licensed_cum", "Licensed"),
    ("h200_refused_cum", "Terms refused"),
    ("h200_cleared_cum", "Cleared"),
    ("h200_ordered_cum", "Ordered (firm)"),
    ("h200_shipped_cum", "Shipped"),
    ("h200_delivered_cum", "Delivered"),
    ("h200_powered_cum", "Switched on"),
)
STATE_COLOURS = {
    "barred": VERMILION,
    "narrow": YELLOW,
    "review": BLUE,
    "blocked": VERMILION,
    "rationed": YELLOW,
    "quota": SKY,
    "open": BLUE,
}
REASON_COLOURS = {
    "us_gate": DEEP,
    "china_gate": VERMILION,
    "licence": SKY,
    "share_limit": BLUE,
    "buyer_cap": TEAL,
    "tranche": YELLOW,
    "batch_quota": ORANGE,
    "ratio": GREEN,
    "budget": PURPLE,
    "stock": SAND,
    "none": GREY,
}
GATES = {"us_gate": "US export gate", "china_gate": "China import gate"}
REASON_LABELS = {name: REASON_WORDS[name] for name in REASON_COLOURS}
GATE_HEIGHT = 190
BINDING_HEIGHT = 300
THOUSAND = 1e3
SINCE_START = "thousand units since the start"
HOW_TO_READ_INTERVALS = "thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean"


def any_delivery(document: Document, ghost: Document | None = None) -> Chart:
    """Probability that at least one unit has been delivered, by month."""
    found = document["probabilities"]["any_delivery_by"]
    other = shared(found, ghost["probabilities"]["any_delivery_by"]) if ghost else {}
    rows, quiet = (
        [{"when": moment(month), "value": 100 * share} for month, share in shares.items()]
        for shares in (found, other)
    )
    extra = behind({"ghost": quiet}, "dashed grey")
    return Chart(_any_delivery(tuple(found), bool(extra)), {"chance": rows, **extra})


@form
def _any_delivery(months: tuple[str, ...], ghost: bool) -> alt.LayerChart:
    import altair as alt

    def line(name: str, **look: Any) -> alt.Chart:
        drawn: alt.Chart = (
            alt.Chart(data(name))
            .mark_line(**look)
            .encode(
                x=month_axis(months),
                y=alt.Y("value:Q", title="probability, %", scale=alt.Scale(domain=[0, 100])),
            )
        )
        return drawn

    chart: Any = line("chance", strokeWidth=2.5, color=BLUE)
    if ghost:
        chart = layered(line("ghost", strokeWidth=2, color=GREY, strokeDash=[6, 3]), chart, note())
    subtitle = "share of paths in which at least one unit has arrived"
    return titled(chart, "Has anything been delivered?", subtitle, 200)


def delivered(document: Document, ghost: Document | None = None) -> Chart:
    """Units delivered since the start: a fan."""
    rows, quiet = (outcome_rows(found, "h200_delivered_cum", THOUSAND) for found in (document, ghost))
    title = "Units delivered, cumulative"
    return fan_chart(rows, run_months(document), SINCE_START, BLUE, title, quiet)


def stages(document: Document, ghost: Document | None = None) -> Chart:
    """Units by stage at the last month: licensed, cleared, ordered, shipped, delivered, switched on."""
    last = run_months(document)[-1]

    def rows(found: Document) -> Rows:
        return [
            {**row, "text": f"median {short(row['p50'] * THOUSAND)}"}
            for name, label in STAGES
            for row in spread_rows(shared([last], found["outcomes"][name]["by_month"]), THOUSAND, stage=label)
        ]

    quiet = behind({"ghost": rows(ghost) if ghost else []}, "grey")
    return Chart(_stages(last, bool(quiet)), {"stages": rows(document), **quiet})


@form
def _stages(last: str, ghost: bool) -> alt.LayerChart:
    import altair as alt

    order = [label for _, label in STAGES]
    texts = (
        alt.Chart(data("stages"))
        .mark_text(align="left", dx=8, fontSize=12)
        .encode(y=alt.Y("stage:N", sort=order), x=alt.X("p90:Q"), text="text:N")
    )
    quiet = [*intervals_ghost("ghost", "stage", order, SINCE_START), note()] if ghost else []
    chart = layered(intervals("stages", "stage", order, SINCE_START), texts, *quiet)
    return titled(chart, f"From licence to switch, to {last}", HOW_TO_READ_INTERVALS)


def gates(document: Document, ghost: Document | None = None) -> Chart:
    """Probability of each state of the two gates, month by month."""
    rows: dict[str, Rows] = {}
    other: dict[str, Rows] = {}
    for name in GATES:
        found = document["probabilities"][name]
        rows[name] = stack_areas(found, STATE_WORDS)
        rows[f"{name} labels"] = stack_labels(rows[name], GATE_HEIGHT)
        same = shared(found, ghost["probabilities"][name]) if ghost else {}
        other[f"{name} ghost"] = boundaries(same, STATE_WORDS)
    quiet = behind(other, "dotted")
    return Chart(_gates(tuple(run_months(document)), bool(quiet)), {**rows, **quiet})


@form
def _gates(months: tuple[str, ...], ghost: bool) -> alt.VConcatChart:
    import altair as alt

    colours = {STATE_WORDS[name]: colour for name, colour in STATE_COLOURS.items()}
    panels: list[Any] = []
    for name, title in GATES.items():
        panel = stack(name, f"{name} labels", months, colours, "share of paths, %")
        if ghost:
            panel = layered(panel, *stack_ghost(f"{name} ghost", months), *([] if panels else [note()]))
        heading = alt.TitleParams(title, fontSize=14)
        panels.append(panel.properties(title=heading, width=WIDTH - 110, height=GATE_HEIGHT))
    joined: alt.VConcatChart = alt.vconcat(*panels, spacing=24).properties(
        title=alt.TitleParams(
            text="State of the two gates",
            subtitle="share of paths in each state; shut at the bottom, open at the top",
        )
    )
    return joined


def binding(document: Document, ghost: Document | None = None) -> Chart:
    """Which limit holds imports back: share of paths by reason and month."""
    found = document["probabilities"]["binding_limit"]
    rows = stack_areas(found, REASON_LABELS)
    same = shared(found, ghost["probabilities"]["binding_limit"]) if ghost else {}
    quiet = behind({"ghost": boundaries(same, REASON_LABELS)}, "dotted")
    return Chart(
        _binding(tuple(found), bool(quiet)),
        {"reasons": rows, "labels": stack_labels(rows, BINDING_HEIGHT), **quiet},
    )


@form
def _binding(months: tuple[str, ...], ghost: bool) -> alt.LayerChart:
    colours = {REASON_LABELS[name]: colour for name, colour in REASON_COLOURS.items()}
    chart = stack("reasons", "labels", months, colours, "share of paths, %")
    if ghost:
        chart = layered(chart, *stack_ghost("ghost", months), note())
    subtitle = "share of paths in which it is the one nearest to the goods"
    return titled(chart, "Which limit binds", subtitle, BINDING_HEIGHT, WIDTH - 130)


def buyers(
    document: Document, ghost: Document | None = None, buyer_names: Mapping[str, str] | None = None
) -> Chart:
    """Units delivered to each buyer at a year, two years and three (or the run's end)."""
    names = {buyer: (buyer_names or {}).get(buyer, buyer.replace("_", " ")) for buyer in document["by_buyer"]}
    chosen = [month for mark, month in marks(document) if mark in (12, 24, 36)]
    chosen = chosen or run_months(document)[-1:]

    def rows(found: Document, month: str) -> Rows:
        return [
            row
            for buyer, outcomes in shared(names, found["by_buyer"]).items()
            for row in spread_rows(
                shared([month], outcomes["h200_delivered_cum"]), THOUSAND, buyer=names[buyer]
            )
        ]

    own = {month: rows(document, month) for month in chosen}
    other = {f"{month} ghost": rows(ghost, month) if ghost else [] for month in chosen}
    most = max((row["p90"] for shown in (*own.values(), *other.values()) for row in shown), default=0.0)
    quiet = behind(other, "grey")
    shape = _buyers(tuple(chosen), tuple(names.values()), bool(quiet))
    return Chart(shape, {**own, **quiet, "end": [{"end": most}]})


@form
def _buyers(months: tuple[str, ...], names: tuple[str, ...], ghost: bool) -> alt.VConcatChart:
    import altair as alt

    # The panels have axes of their own, and the same end.
    end = alt.Chart(data("end")).mark_point(opacity=0).encode(x=alt.X("end:Q", title=SINCE_START))
    panels: list[Any] = []
    for month in months:
        quiet = intervals_ghost(f"{month} ghost", "buyer", names, SINCE_START) if ghost else []
        quiet += [note()] if ghost and not panels else []
        panel = layered(intervals(month, "buyer", names, SINCE_START, colour=GREEN), end, *quiet)
        heading = alt.TitleParams(f"by {month}", fontSize=14)
        height = (34 if ghost else 28) * len(names)
        panels.append(panel.properties(title=heading, width=WIDTH - 130, height=height))
    joined: alt.VConcatChart = alt.vconcat(*panels, spacing=12).properties(
        title=alt.TitleParams(text="Who gets what: units delivered by buyer", subtitle=HOW_TO_READ_INTERVALS)
    )
    return joined
