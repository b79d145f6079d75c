"""An outcome in a period, as it is typed: `h200_delivered_cum@2027-01`, `nvidia_china_ai_revenue@FY2027Q2`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dualtrack.errors import ScenarioFault, nearest
from dualtrack.months import calendar_quarter, fiscal_quarter, parse_month
from dualtrack.results.outputs import Output, find_output

FORM = "NAME or NAME@PERIOD, for example h200_delivered_cum@2027-01"


@dataclass(frozen=True)
class Question:
    """What a study asks of a run: one number for each path.

    Attributes:
        positions: The run's months that the period holds.
        partial: Whether the run holds only part of the period.
        buyer: The one buyer it is about; all together if None.
    """

    outcome: Output
    period: str
    positions: tuple[int, ...]
    partial: bool
    buyer: str | None = None

    @property
    def name(self) -> str:
        of = f"{self.buyer}/" if self.buyer else ""
        return f"{of}{self.outcome.name}@{self.period}"

    @property
    def label(self) -> str:
        """What it is, for a heading: `H200 delivered by 2027-01`."""
        of = f", {self.buyer}" if self.buyer else ""
        return f"{self.outcome.label} {'in' if self.outcome.kind == 'flow' else 'by'} {self.period}{of}"

    def values(self, by_outcome: Mapping[str, np.ndarray]) -> np.ndarray:
        """The number of each path, shape (path,), float64: the sum of a flow, a stock at the period's last month.

        Args:
            by_outcome: Outcomes by name, shape (month, path); the buyer's, where it is about one.
        """
        return period_values(self.outcome, by_outcome[self.outcome.name], self.positions)


def period_values(row: Output, array: np.ndarray, positions: Sequence[int]) -> np.ndarray:
    """A period's value by path: the sum of a flow over its months, a stock at the last of them."""
    if row.kind == "stock":
        last: np.ndarray = array[positions[-1]].astype(np.float64)
        return last
    found: np.ndarray = array[list(positions)].astype(np.float64).sum(axis=0)
    return found


def quarter_of(row: Output, month: str) -> str:
    """The quarter of a month: Nvidia's fiscal one, or the calendar's, as the outcome is told."""
    number = parse_month(month)
    return fiscal_quarter(number) if row.quarters == "fiscal" else calendar_quarter(number)


def parse_question(
    text: str, months: Sequence[str], option: str = "--outcome", *, buyer: str | None = None
) -> Question:
    """The outcome and period of a text.

    A period is a month, a quarter, a calendar year, or FROM..TO. Without one it is the last month for a stock
    and the whole run for a flow.

    Args:
        months: The run's months, `2026-02` and so on.
        option: Where it was typed, for messages.
        buyer: Ask it of this buyer alone.

    Raises:
        ScenarioFault: There is no such outcome, or the period is not of the run.
    """
    name, at, period = (part.strip() for part in text.partition("@"))
    if not name or (at and not period):
        raise ScenarioFault(f"{option} {text!r}: wanted {FORM}.")
    try:
        row = find_output(name, by_buyer=buyer is not None)
    except ScenarioFault as error:
        raise ScenarioFault(f"{option} {text!r}: {error}") from None
    if not at:
        period = months[-1] if row.kind == "stock" else f"{months[0]}..{months[-1]}"
    periods = _periods(row, months)
    if ".." in period:
        first, last = (part.strip() for part in period.split("..", 1))
        for month in (first, last):
            if month not in months:
                raise _no_period(text, month, months, row, option)
        if first > last:
            raise ScenarioFault(f"{option} {text!r}: {first} comes after {last}.")
        positions = range(months.index(first), months.index(last) + 1)
        return Question(row, period, tuple(positions), False, buyer)
    if period not in periods:
        raise _no_period(text, period, list(periods), row, option)
    held, whole = periods[period]
    return Question(row, period, tuple(held), len(held) < whole, buyer)


def _periods(row: Output, months: Sequence[str]) -> dict[str, tuple[list[int], int]]:
    """Every period of the run, with the positions of its months and how many it has in all."""
    found: dict[str, tuple[list[int], int]] = {month: ([n], 1) for n, month in enumerate(months)}
    for n, month in enumerate(months):
        found.setdefault(quarter_of(row, month), ([], 3))[0].append(n)
        found.setdefault(month[:4], ([], 12))[0].append(n)
    return found


def _no_period(text: str, seen: str, known: Sequence[str], row: Output, option: str) -> ScenarioFault:
    return ScenarioFault(
        f"{option} {text!r}: {seen!r} is not a month, {row.quarters} quarter or year of the run.{nearest(seen, known)}\n"
        f"  The run goes from {known[0]} to {[m for m in known if len(m) == 7 and m[4] == '-'][-1]}."
    )
