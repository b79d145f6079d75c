"""The cells of the headline table: every headline outcome at 3, 6, 12, 24 and 36 months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dualtrack.months import calendar_quarter, fiscal_quarter, parse_month
from dualtrack.results.outputs import outputs_table

MARKS = (3, 6, 12, 24, 36)
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One outcome at one mark: the spread over paths, and the period it is about.

    Attributes:
        period: The month of a stock, the quarter of a flow.
        note: Why the period is another than the month's, or is incomplete; empty otherwise.
    """

    found: Mapping[str, Any]
    period: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    label: str
    unit: str
    kind: str
    quarters: str
    cells: list[Cell]


def run_months(document: Document) -> list[str]:
    """The run's months in order, `2026-02` and so on."""
    return list(document["probabilities"]["any_delivery_by"])


def marks(document: Document) -> list[tuple[int, str]]:
    """The marks within the run with their months; the last month where the run ends before the first mark."""
    months = run_months(document)
    found = [(mark, months[mark - 1]) for mark in MARKS if mark <= len(months)]
    return found or [(len(months), months[-1])]


def headline(document: Document) -> list[Row]:
    """The rows that data/outputs.csv marks as headline, in its order."""
    rows = []
    for name, output in outputs_table().items():
        outcome = document["outcomes"].get(name)
        if not output.headline or outcome is None:
            continue
        cells = [_cell(outcome, month) for _, month in marks(document)]
        rows.append(Row(name, outcome["label"], outcome["unit"], outcome["kind"], outcome["quarters"], cells))
    return rows


def _cell(outcome: Mapping[str, Any], month: str) -> Cell:
    if outcome["kind"] == "stock":
        return Cell(outcome["by_month"][month], month)
    number = parse_month(month)
    quarter = fiscal_quarter(number) if outcome["quarters"] == "fiscal" else calendar_quarter(number)
    by_quarter = outcome["by_quarter"]
    found = by_quarter[quarter]
    if not found["partial"]:
        return Cell(found, quarter)
    held = f"the run holds {found['months']} of the 3 months of {quarter}"
    # A third of a quarter beside whole quarters reads as a fall, so the whole quarter before it is shown.
    before = [name for name in by_quarter if name < quarter and not by_quarter[name]["partial"]]
    if before:
        return Cell(by_quarter[before[-1]], before[-1], f"{before[-1]}; {held}")
    return Cell(found, quarter, held)


def mean_share_of_months(document: Document, probability: str) -> dict[str, float]:
    """Share of all path-months by label, largest first."""
    by_month = document["probabilities"][probability]
    total: dict[str, float] = {}
    for found in by_month.values():
        for label, share in found.items():
            total[label] = total.get(label, 0.0) + share / len(by_month)
    return dict(sorted(total.items(), key=lambda item: -item[1]))


REASON_WORDS = {
    "none": "nothing left to want",
    "us_gate": "US gate shut",
    "china_gate": "Chinese gate shut",
    "licence": "US licences not yet given, or lapsed",
    "share_limit": "US share limit",
    "buyer_cap": "cap per buyer",
    "tranche": "tranche per firm",
    "batch_quota": "waiting for a batch",
    "ratio": "domestic ratio",
    "budget": "buyers' budgets",
    "stock": "vendor's stock",
}
REASON_MEANINGS = {
    "none": "Nobody wants more under the terms on offer.",
    "us_gate": "The United States lets nothing out: presumption of denial.",
    "china_gate": "China lets nothing in: a customs hold.",
    "licence": "Both gates may be open, but units lack a US licence: not decided yet, or the terms were refused.",
    "share_limit": "What may go to China per unit of the same product shipped in the United States is used up.",
    "buyer_cap": "The most that one buyer may be licensed is used up (state narrow only, unless one is set).",
    "tranche": "China clears purchases one by one, a small number of units per firm.",
    "batch_quota": "The last batch of clearances is used up, the next has not come.",
    "ratio": "Buyers have not taken enough domestic chips to be cleared for more imports.",
    "budget": "Buyers' money for chips is spent.",
    "stock": "Orders are licensed, cleared and paid for, and the vendor has none to ship.",
}
STATE_WORDS = {
    "barred": "barred (presumption of denial)",
    "narrow": "narrow (lower caps, slower)",
    "review": "review (rule of January 2026)",
    "blocked": "blocked (customs hold)",
    "rationed": "rationed (small tranches)",
    "quota": "quota (batches, domestic ratio)",
    "open": "open (no limit)",
}
