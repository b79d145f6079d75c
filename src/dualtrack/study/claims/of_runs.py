"""Measures of the runs: outcomes, what a stop takes, months gained, inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dualtrack.entities import find_buyer
from dualtrack.errors import ScenarioFault, nearest
from dualtrack.measures.leverage import FLOWS, NEEDED, leverage
from dualtrack.measures.sectors import SECTORS, months_gained
from dualtrack.results.questions import Question
from dualtrack.scenarios.keys import load_keys
from dualtrack.study.claims.entries import MeasureEntry, RunEntry
from dualtrack.study.claims.of_facts import check_unit, number_in
from dualtrack.study.claims.runs import JUDGED, CannotBeJudged, Ground, Plan
from dualtrack.study.claims.sample import Sample, without_rounding

SCENARIO_WITHOUT_IMPORTS = "no-imports"
# The outcome behind each stake that is no plain sum of a flow.
_STOCK_STAKES = {
    "vendor_write_down": "nvidia_write_down",
    "compute": "china_compute_h100e",
    "compute_months": "china_compute_h100e",
    "gap": "compute_gap_months",
}
STAKES = (*FLOWS, *_STOCK_STAKES)


def run_of(plan: Plan, written: RunEntry | None, *more: str) -> int:
    """The run that `of:` or `against:` names, with more changes; the judged one where nothing is named."""
    if written is None:
        return plan.run(None, more)
    if not written.set and not written.scenario:
        raise ScenarioFault("wants `scenario: NAME`, `set: {KEY: VALUE}`, or the name of a scenario")
    return plan.run(written.scenario, [*(f"{key}={value}" for key, value in written.set.items()), *more])


@dataclass(frozen=True)
class Outcome:
    """Outcomes of a period added up, against a twin path by path, or over another amount."""

    plus: tuple[Question, ...]
    minus: tuple[Question, ...]
    under: tuple[Question, ...]
    under_facts: tuple[str, ...]
    run: int
    twin: int | None
    compared: str
    what: str
    unit: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Outcome:
        buyers: Sequence[str | None] = [find_buyer(name).id for name in entry.buyers] or [None]
        asked = [plan.question(text, buyer) for text in entry.outcome or [] for buyer in buyers]
        minus = [plan.question(text) for text in entry.less]
        facts = [name for name in entry.over if name in plan.book]
        under = [plan.question(name) for name in entry.over if name not in facts]
        units = {question.outcome.unit for question in (*asked, *minus)}
        if len(units) > 1:
            raise ScenarioFault(f"adds {' and '.join(sorted(units))}, which have no sum")
        for name in facts:
            check_unit(plan.book, name, asked[0].outcome.unit)
        run = run_of(plan, entry.of)
        twin = None if entry.against is None else run_of(plan, entry.against)
        if entry.as_ and twin is None:
            raise ScenarioFault("`as:` says how two runs are compared: name the other in `against:`")
        if twin == run:
            raise ScenarioFault("`against:` names the run itself, so the two never differ")
        questions = (*asked, *minus, *under)
        for number in (run, twin):
            if number is not None:
                plan.ask(number, questions)
        compared = entry.as_ or "difference"
        unit = units.pop()
        if entry.over:
            unit = "ratio"
        if twin is not None and compared != "difference":
            unit = "ratio" if compared == "ratio" else "fraction"
        what = _what(asked, minus, under, facts, plan, run)
        if twin is not None:
            what += f"; {compared} against {plan.names[twin]}, path by path"
        return cls(
            tuple(asked), tuple(minus), tuple(under), tuple(facts), run, twin, compared, what, unit
        )  # fmt: skip

    def evaluate(self, ground: Ground) -> Sample:
        here = self._amount(ground, self.run)
        notes = [
            f"{question.outcome.label}: the run holds {len(question.positions)} months of {question.period}."
            for question in self.plus[:1]
            if question.partial
        ]
        if self.twin is not None:
            there = self._amount(ground, self.twin)
            difference = without_rounding(here - there, here)
            if self.compared == "difference":
                here = difference
            elif self.compared == "ratio":
                here = _ratio(here, there)
            else:
                here = _ratio(difference, there)
        return Sample(here, self.unit, "futures", self.what, self.under_facts, notes=tuple(notes))

    def _amount(self, ground: Ground, run: int) -> np.ndarray:
        def total(questions: Sequence[Question]) -> np.ndarray:
            return np.asarray(np.sum([ground.answers(run, question) for question in questions], axis=0))

        amount = total(self.plus)
        if self.minus:
            amount = amount - total(self.minus)
        if self.under:
            amount = _ratio(amount, total(self.under))
        if self.under_facts:
            unit = self.plus[0].outcome.unit
            amount = amount / sum(number_in(unit, ground, name) for name in self.under_facts)
        return np.asarray(amount)


def _what(
    asked: Sequence[Question],
    minus: Sequence[Question],
    under: Sequence[Question],
    facts: Sequence[str],
    plan: Plan,
    run: int,
) -> str:
    said = " and ".join(dict.fromkeys(question.label for question in asked))
    if minus:
        said += " less " + " and ".join(question.label for question in minus)
    if under or facts:
        below = [question.label for question in under]
        below += [f"{plan.book.versions(name)[-1].what} ({name})" for name in facts]
        said += " over " + " and ".join(below)
    return said if run == JUDGED else f"{said}, in {plan.names[run]}"


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Undefined where there is nothing below the line."""
    found: np.ndarray = np.divide(over, under, out=np.full(over.shape, np.nan), where=np.abs(under) > 0.0)
    return found


@dataclass(frozen=True)
class Stake:
    """What one side loses over the rest of the run if a gate closes in a month, against going on."""

    stake: str
    first_month: int
    run: int
    stopped: int
    under: tuple[Question, ...]
    what: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Stake:
        if entry.stake not in STAKES:
            raise ScenarioFault(
                f"there is no stake {entry.stake!r}.{nearest(str(entry.stake), STAKES)} Known: {', '.join(STAKES)}"
            )
        if entry.revocation is None:
            raise ScenarioFault("`stake:` wants `revocation:`, the month in which the gate is closed")
        month = plan.month(entry.revocation)
        if month + 1 >= len(plan.months):
            raise CannotBeJudged(
                f"months after {entry.revocation}: the run ends there; give it more --months"
            )
        run = run_of(plan, entry.of)
        stopped = run_of(plan, entry.of, f"{entry.gate}.revocation={entry.revocation}")
        under = tuple(plan.question(text) for text in entry.over)
        plan.ask(run, under, monthly=NEEDED)
        plan.ask(stopped, monthly=NEEDED)
        side = {"us": "US", "china": "Chinese"}[entry.gate]
        what = f"{entry.stake.replace('_', ' ')} lost if the {side} gate is closed in {entry.revocation}"
        if under:
            what += " over " + " and ".join(question.label for question in under)
        # What a month's end decides binds from the next.
        return cls(str(entry.stake), month + 1, run, stopped, under, what)

    def evaluate(self, ground: Ground) -> Sample:
        found = leverage(ground.kept[self.run].monthly, ground.kept[self.stopped].monthly, self.first_month)[
            self.stake
        ]
        row = FLOWS.get(self.stake)
        series = np.abs(ground.monthly(self.run, row[3] if row else _STOCK_STAKES[self.stake]))
        values, unit = without_rounding(found.loss, np.nan_to_num(series).max(axis=0)), found.unit
        if self.under:
            values = _ratio(values, np.sum([ground.answers(self.run, q) for q in self.under], axis=0))
            unit = "ratio"
        return Sample(values, unit, "futures", self.what)


@dataclass(frozen=True)
class MonthsGained:
    """How many months earlier a sector has the compute that the twin without imports gives it in a month."""

    outcome: str
    month: int
    run: int
    twin: int
    what: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> MonthsGained:
        sector, _, label = str(entry.months_gained).partition("@")
        if sector not in SECTORS:
            raise ScenarioFault(
                f"there is no sector {sector!r}.{nearest(sector, SECTORS)} Known: {', '.join(SECTORS)}"
            )
        month = plan.month(label) if label else len(plan.months) - 1
        run = run_of(plan, entry.of)
        twin = run_of(plan, entry.against or RunEntry(scenario=SCENARIO_WITHOUT_IMPORTS))
        outcome = f"sector_compute_{sector}"
        plan.ask(run, monthly=(outcome,))
        plan.ask(twin, monthly=(outcome,))
        plan.opening[outcome] = None
        what = (
            f"months by which {sector.replace('_', ' ')} is ahead of where {plan.names[twin]} has it in "
            f"{plan.months[month]}"
        )
        return cls(outcome, month, run, twin, what)

    def evaluate(self, ground: Ground) -> Sample:
        gained = months_gained(
            ground.monthly(self.run, self.outcome),
            ground.monthly(self.twin, self.outcome),
            ground.kept[self.run].opening[self.outcome],
        )[self.month]
        # A level not reached before the run ends is reached later than in the twin: nothing is gained.
        return Sample(np.where(np.isnan(gained), -np.inf, gained), "months", "futures", self.what)


@dataclass(frozen=True)
class Input:
    """A drawn input of the run, alone or over another."""

    key: str
    under: str | None
    run: int
    unit: str
    what: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Input:
        if len(entry.over) > 1:
            raise ScenarioFault("`over:` wants one input")
        keys = load_keys()
        for name in (str(entry.input), *entry.over):
            if name not in keys:
                raise ScenarioFault(f"there is no input {name!r}.{nearest(name, keys)}")
            if keys[name].kind not in ("number", "integer") or name.startswith("buyer."):
                raise ScenarioFault(f"{name} is no number of the whole run, so it cannot be tested")
        run = run_of(plan, entry.of)
        plan.draws(run)
        key = keys[str(entry.input)].entry
        what = key.what + (f", over: {keys[entry.over[0]].entry.what}" if entry.over else "")
        unit = "ratio" if entry.over else key.unit
        return cls(str(entry.input), entry.over[0] if entry.over else None, run, unit, what)

    def evaluate(self, ground: Ground) -> Sample:
        values = self._drawn(ground, self.key)
        if self.under:
            values = _ratio(values, self._drawn(ground, self.under))
        return Sample(values, self.unit, "futures", self.what)

    def _drawn(self, ground: Ground, key: str) -> np.ndarray:
        found = ground.lived(self.run).values
        if key not in found:
            raise CannotBeJudged(f"{key} is left to the law in this scenario: ask `parameter:` instead")
        return np.asarray(found[key], dtype=np.float64)
