"""Every chart of a run, from its document: one code for the brief, for files and for a page that redraws them.

Each function takes the document of `results.summary.summarise` and returns an altair chart; CHARTS names them in the order of the brief.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dualtrack.report import channel, flows
from dualtrack.report.headline import Document
from dualtrack.report.theme import page_svg, render_png, render_svg, themed

if TYPE_CHECKING:
    import altair as alt

__all__ = ["CHARTS", "make_chart", "page_svg", "render_png", "render_svg", "themed"]

ChartFunction = Callable[..., "alt.TopLevelMixin"]

CHARTS: Mapping[str, ChartFunction] = {
    "any_delivery": channel.any_delivery,
    "delivered": channel.delivered,
    "channel": channel.stages,
    "gates": channel.gates,
    "binding": channel.binding,
    "buyers": channel.buyers,
    "revenue": flows.revenue,
    "gap_ratio": flows.gap_ratio,
    "gap_months": flows.gap_months,
    "domestic": flows.domestic,
    "obligations": flows.obligations,
    "owed_share": flows.owed_share,
    "stop_usd": flows.stop_usd,
    "stop_units": flows.stop_units,
}


def make_chart(name: str, document: Document, buyer_names: Mapping[str, str] | None = None) -> Any:
    """The chart of that name; names of buyers are used where the chart shows buyers."""
    if name == "buyers":
        return CHARTS[name](document, buyer_names=buyer_names or {})
    return CHARTS[name](document)
