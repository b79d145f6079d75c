"""The brief of a run: one self-contained HTML file and its Markdown twin, every number from the run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from dualtrack.report.assumptions import Seal, grouped_settings, numbered_sources
from dualtrack.report.headline import (
    REASON_MEANINGS,
    REASON_WORDS,
    Document,
    marks,
    mean_share_of_months,
    run_months,
)
from dualtrack.report.headline_text import headline_text
from dualtrack.report.limits import limits
from dualtrack.report.numbers import percent
from dualtrack.report.pages import templates
from dualtrack.report.sentences import readings, the_answer
from dualtrack.report.study_page import StudyPart, items_markdown, page_items

# The charts of each section, under the heading that a reader looks for.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("arrivals", "What arrives, and when", ("any_delivery", "delivered", "channel")),
    ("gates", "The two gates", ("gates",)),
    ("binding", "Which limit binds", ("binding",)),
    ("buyers", "Who gets what", ("buyers",)),
    ("ratio", "The domestic ratio: can it be met?", ("obligations", "owed_share")),
    ("domestic", "Domestic makers", ("domestic",)),
    ("revenue", "The vendor's revenue", ("revenue",)),
    ("gap", "The compute gap", ("gap_ratio", "gap_months")),
    ("stop", "What a sudden stop costs", ("stop_usd", "stop_units")),
)
CHART_TITLES = {
    "any_delivery": "Probability of any delivery",
    "delivered": "Units delivered, cumulative",
    "channel": "From licence to switch",
    "gates": "State of the gates, month by month",
    "binding": "The limit nearest to the goods",
    "buyers": "Units delivered by buyer",
    "revenue": "Nvidia's revenue from AI chips for China, by fiscal quarter",
    "gap_ratio": "Five US hyperscalers over China",
    "gap_months": "Months behind",
    "domestic": "Domestic accelerators made per month",
    "obligations": "Owed, missing, made",
    "owed_share": "How often the ratio asks for anything",
    "stop_usd": "Cost to the vendor",
    "stop_units": "Units lost",
}
HOW_TO_READ_CHART = {
    "any_delivery": "Share of paths in which at least one unit has arrived by the month.",
    "delivered": "Line: median; dark band: 50 % of paths; light band: 80 %; dots: mean.",
    "channel": "Thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean.",
    "gates": "Share of paths in each state; shut at the bottom, open at the top.",
    "binding": "Share of paths, stacked; the shut gates at the bottom.",
    "buyers": "Thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean.",
    "revenue": "Thin bar: 90 % of paths; thick bar: 80 %; tick: median; diamond: mean.",
    "gap_ratio": "Line: median; dark band: 50 % of paths; light band: 80 %; dots: mean.",
    "gap_months": "Line: median; dark band: 50 % of paths; light band: 80 %; dots: mean.",
    "domestic": "Line: median; dark band: 50 % of paths; light band: 80 %; dots: mean.",
    "obligations": "Means over all paths.",
    "owed_share": "Share of paths, month by month.",
    "stop_usd": "If the United States revoked in the month after the one shown.",
    "stop_units": "If the United States revoked in the month after the one shown.",
}
RUN_OPTIONS = {"start": "--start", "known_by": "--known-by", "known-by": "--known-by"}
SAID_ANYWAY = ("paths", "seed", "months", "chip")


@dataclass(frozen=True)
class Brief:
    """The same report twice."""

    html: str
    markdown: str


def build_brief(
    document: Document,
    settings: Sequence[Mapping[str, Any]],
    *,
    sealed: bool = False,
    sealed_names: Mapping[str, str] | None = None,
    buyer_names: Mapping[str, str] | None = None,
    why: str | None = None,
    images: Mapping[str, str] | None = None,
    studies: Sequence[StudyPart] = (),
) -> Brief:
    """The brief.

    Args:
        document: What `results.summary.summarise` returns.
        settings: The rows of the result's attribute `settings`.
        sealed: Name no buyer: sealed names stand in their place, and sources that name one are withheld.
        sealed_names: Sealed name of each buyer.
        buyer_names: Name of each buyer.
        why: The scenario's question; read from the manifest where it is not given.
        images: Where the Markdown finds a chart's picture, by the chart's name; charts without one are left out of it.
        studies: Pages of studies, each a section before the assumptions.
    """
    names = dict(buyer_names or {})
    seal = Seal.over(names, sealed_names or {}) if sealed else Seal()
    shown = (
        {buyer: (sealed_names or {}).get(buyer, name) for buyer, name in names.items()} if sealed else names
    )
    context = _context(document, settings, seal, why)
    environment = templates()
    pictures = _pictures(document, shown, context["readings"])
    drawn = [(part, page_items(part)) for part in studies]
    page = environment.get_template("brief.html.j2").render(**context, pictures=pictures, studies=drawn)
    told = [(part, items_markdown(part, level=3, images={})) for part in studies]
    text = environment.get_template("brief.md.j2").render(**context, images=images or {}, studies=told)
    return Brief(html=page, markdown=re.sub(r"\n{3,}", "\n\n", text))


def _context(
    document: Document, settings: Sequence[Mapping[str, Any]], seal: Seal, why: str | None
) -> dict[str, Any]:
    months = run_months(document)
    shares = mean_share_of_months(document, "binding_limit")
    shown = _charts(document)
    return {
        "document": document,
        "title": seal(document["title"]),
        "why": seal(why or document.get("why") or why_of(document)),
        "first_month": months[0],
        "last_month": months[-1],
        "month_count": len(months),
        "path_count": f"{document['paths']:,}".replace(",", " "),
        "answers": the_answer(document),
        "marks": marks(document),
        "headline": headline_text(document),
        "sections": [(id, heading, charts) for id, heading, charts in SECTIONS if shown.issuperset(charts)],
        "titles": CHART_TITLES,
        "how_to_read": HOW_TO_READ_CHART,
        "readings": readings(document, shown),
        "reasons": [
            (REASON_WORDS[name], percent(share), REASON_MEANINGS[name]) for name, share in shares.items()
        ],
        "groups": grouped_settings(document, settings, seal),
        "sources": numbered_sources(document, settings, seal),
        "limits": limits(document, settings),
        "command": seal(command(document)),
        "sealed": bool(seal.words),
    }


def _charts(document: Document) -> set[str]:
    """The charts that a run has: all, but for that of buyers where the scenario keeps none."""
    keeps_buyers = any(document["by_buyer"].values())
    return {name for name in CHART_TITLES if keeps_buyers or name != "buyers"}


def _pictures(document: Document, buyer_names: Mapping[str, str], read: Mapping[str, str]) -> dict[str, str]:
    from dualtrack.report.charts import make_chart, page_svg

    return {
        name: page_svg(make_chart(name, document, buyer_names), f"Chart: {CHART_TITLES[name]}. {read[name]}")
        for name in read
    }


def why_of(document: Document) -> str:
    """The scenario's question, from the text in the manifest; empty where it asks none."""
    # The scenario comes first, its ancestors after it, each under a comment with its file.
    own = document["manifest"]["scenario_text"].split("\n\n# ")[0]
    try:
        found = yaml.safe_load(own)
    except yaml.YAMLError:
        return ""
    return str(found.get("why", "")).strip() if isinstance(found, dict) else ""


def command(document: Document) -> str:
    """The command that makes this run again."""
    parts = [
        "dualtrack",
        "run",
        str(document["scenario"]),
        "--paths",
        str(document["paths"]),
        "--seed",
        str(document["seed"]),
        "--months",
        str(len(run_months(document))),
    ]
    if document["backend"] != "numpy":
        parts += ["--backend", str(document["backend"])]
    for line in changes(document):
        key, _, value = line.partition("=")
        if key in RUN_OPTIONS:
            parts += [RUN_OPTIONS[key], value]
        elif key not in SAID_ANYWAY:
            parts += ["--set", line]
    return shlex.join(parts)


def changes(document: Document) -> list[str]:
    """What was changed on the command line, as KEY=VALUE."""
    _, found, said = document["manifest"]["scenario_text"].partition("# changes\n")
    return [line for line in said.splitlines() if "=" in line] if found else []
