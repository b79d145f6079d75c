"""Every chart of a run, from its document: one code for the brief, for files and for a page that redraws them.

Each function takes the document of `results.summary.summarise` and returns a chart whose form is kept; CHARTS names them in the order of the brief.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dualtrack.report import channel, flows
from dualtrack.report.form import Chart
from dualtrack.report.headline import Document
from dualtrack.report.theme import page_svg, render_png, render_svg, themed

__all__ = [
    "CHARTS",
    "Chart",
    "ChartKind",
    "make_chart",
    "needed",
    "page_svg",
    "render_png",
    "render_svg",
    "themed",
]

ChartFunction = Callable[..., Chart]


@dataclass(frozen=True)
class ChartKind:
    """How a chart is drawn, and what the run must hold for it.

    Attributes:
        outcomes: Outcomes it shows; probabilities come with every run.
        buyers: Outcomes it shows for each buyer.
    """

    draw: ChartFunction
    outcomes: tuple[str, ...] = ()
    buyers: tuple[str, ...] = ()


CHARTS: Mapping[str, ChartKind] = {
    "any_delivery": ChartKind(channel.any_delivery),
    "delivered": ChartKind(channel.delivered, ("h200_delivered_cum",)),
    "channel": ChartKind(channel.stages, tuple(name for name, _ in channel.STAGES)),
    "gates": ChartKind(channel.gates),
    "binding": ChartKind(channel.binding),
    "buyers": ChartKind(channel.buyers, buyers=("h200_delivered_cum",)),
    "revenue": ChartKind(flows.revenue, ("nvidia_china_ai_revenue",)),
    "gap_ratio": ChartKind(flows.gap_ratio, ("compute_gap_ratio",)),
    "gap_months": ChartKind(flows.gap_months, ("compute_gap_months",)),
    "domestic": ChartKind(flows.domestic, tuple(name for name, *_ in flows.MAKERS)),
    "obligations": ChartKind(flows.obligations, tuple(name for name, _ in flows.OWED.values())),
    "owed_share": ChartKind(flows.owed_share, ("ratio_obligation", "ratio_shortfall")),
    "stop_usd": ChartKind(flows.stop_usd, ("stop_exposure_usd",)),
    "stop_units": ChartKind(flows.stop_units, ("stop_exposure_units",)),
}


def needed(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The outcomes, and the outcomes for each buyer, that a run must hold for these charts."""
    kinds = [CHARTS[name] for name in names]
    outcomes = dict.fromkeys(outcome for kind in kinds for outcome in kind.outcomes)
    return list(outcomes), list(dict.fromkeys(outcome for kind in kinds for outcome in kind.buyers))


def make_chart(
    name: str,
    document: Document,
    buyer_names: Mapping[str, str] | None = None,
    ghost: Document | None = None,
) -> Chart:
    """The chart of that name.

    Args:
        document: A run that holds what the chart needs.
        buyer_names: Used where the chart shows buyers.
        ghost: Another run, shown in grey behind this one in the months that both have.
    """
    draw = CHARTS[name].draw
    if name == "buyers":
        return draw(document, ghost, buyer_names=buyer_names)
    return draw(document, ghost)
