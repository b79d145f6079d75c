"""Measures that are months: the first in which one outcome passes another, or something happens at the gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dualtrack.errors import ScenarioFault, nearest
from dualtrack.months import month_label
from dualtrack.results.outputs import find_output
from dualtrack.rules.states import CHINA_STATES, US_STATES
from dualtrack.study.claims.entries import MeasureEntry
from dualtrack.study.claims.of_runs import run_of
from dualtrack.study.claims.runs import CannotBeJudged, Ground, Lived, Plan
from dualtrack.study.claims.sample import MONTH, Sample, without_rounding

# The shut state of each gate is the first; units that count as a delivery.
SHUT = 0
ONE_UNIT = 1.0


@dataclass(frozen=True)
class First:
    """The first month from which one outcome, added up over a window, is above another."""

    name: str
    other: str
    window: int
    run: int
    twin: int
    what: str
    answers: ClassVar[str] = MONTH

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> First:
        if entry.exceeds is None:
            raise ScenarioFault("`first:` wants `exceeds:`, the outcome that is passed")
        one, other = find_output(str(entry.first)), find_output(entry.exceeds)
        if one.unit != other.unit:
            raise ScenarioFault(
                f"{one.name} is in {one.unit} and {other.name} in {other.unit}: one cannot pass the other"
            )
        if entry.window > 1 and "stock" in (one.kind, other.kind):
            raise ScenarioFault("`window:` adds flows up; a stock is not added over months")
        run = run_of(plan, entry.of)
        twin = run if entry.against is None else run_of(plan, entry.against)
        plan.ask(run, monthly=(one.name, other.name))
        plan.ask(twin, monthly=(one.name, other.name))
        if entry.window > len(plan.months):
            raise CannotBeJudged(
                f"{entry.window} months; the run has {len(plan.months)}: give it more --months"
            )
        over = f", over {entry.window} months" if entry.window > 1 else ""
        where = "" if twin == run else f" of {plan.names[twin]}"
        what = f"first month in which {one.label} passes {other.label}{where}{over}"
        return cls(one.name, other.name, entry.window, run, twin, what)

    def evaluate(self, ground: Ground) -> Sample:
        one = _summed(ground.monthly(self.run, self.name), self.window)
        other = _summed(ground.monthly(self.twin, self.other), self.window)
        # A window ends in its last month, so the first one ends in month `window` of the run.
        start = ground.plan.judged.start + self.window - 1
        notes = () if self.window == 1 else (f"The first {self.window} months end in {month_label(start)}.",)
        return Sample(
            first_true(without_rounding(one - other, one) > 0.0, start),
            MONTH,
            "futures",
            self.what,
            notes=notes,
        )


def _summed(monthly: np.ndarray, window: int) -> np.ndarray:
    total = np.cumsum(monthly, axis=0)
    out: np.ndarray = total[window - 1 :].copy()
    out[1:] -= total[: len(total) - window]
    return out


def first_true(true: np.ndarray, start: int) -> np.ndarray:
    """The month in which each path is first true, infinite where it never is.

    Args:
        true: Shape (month, path).
        start: The first month's number.
    """
    return np.where(true.any(axis=0), start + np.argmax(true, axis=0).astype(np.float64), np.inf)


@dataclass(frozen=True)
class Event:
    """The first month in which a gate stands in a state, or units arrive; after another event if one is named."""

    event: str
    after: str | None
    run: int
    what: str
    answers: ClassVar[str] = MONTH

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Event:
        run = run_of(plan, entry.of)
        for event in (str(entry.event), entry.after):
            if event is not None:
                check_event(event)
                if event == "first_delivery":
                    plan.ask(run, monthly=("h200_delivered_cum",))
        plan.draws(run)
        what = f"first month with {_event_words(str(entry.event))}"
        if entry.after:
            what += f", after {_event_words(entry.after)}"
        return cls(str(entry.event), entry.after, run, what)

    def evaluate(self, ground: Ground) -> Sample:
        happening = self._happening(ground, self.event)
        if self.after:
            before = np.logical_or.accumulate(self._happening(ground, self.after), axis=0)
            happening[0] = False
            happening[1:] &= before[:-1]
        return Sample(first_true(happening, ground.plan.judged.start), MONTH, "futures", self.what)

    def _happening(self, ground: Ground, event: str) -> np.ndarray:
        if event == "first_delivery":
            return ground.monthly(self.run, "h200_delivered_cum") >= ONE_UNIT
        return gate_event(event, ground.lived(self.run))


def _events() -> list[str]:
    return [
        *(f"us_gate {state}" for state in US_STATES),
        *(f"china_gate {state}" for state in CHINA_STATES),
        "any_gate shut",
        "both_gates open",
        "first_delivery",
    ]


def check_event(event: str) -> None:
    """Raise a ScenarioFault where there is no such event."""
    if event not in _events():
        known = ", ".join(_events())
        raise ScenarioFault(f"there is no event {event!r}.{nearest(event, _events())} Known: {known}")


def gate_event(event: str, lived: Lived) -> np.ndarray:
    """Where the gates stand as the event says, shape (month, path)."""
    gate, state = event.split()
    shut = (lived.us == SHUT) | (lived.china == SHUT)
    found = {
        "us_gate": lambda: lived.us == US_STATES.index(state),
        "china_gate": lambda: lived.china == CHINA_STATES.index(state),
        "any_gate": lambda: shut,
        "both_gates": lambda: ~shut,
    }[gate]()
    return np.asarray(found)


def _event_words(event: str) -> str:
    return event.replace("us_gate", "the US gate").replace("china_gate", "the Chinese gate").replace("_", " ")
