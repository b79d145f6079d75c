"""Paths of a run drawn again, each by itself, and simulated with every month's decisions open to view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dualtrack.errors import ScenarioFault
from dualtrack.futures.gates import GateFutures
from dualtrack.measures.outcomes import Outcomes, outcomes
from dualtrack.simulate.arrays import Array, Values
from dualtrack.simulate.inputs import Drawn, draw
from dualtrack.simulate.kernel import given_by_month, kept
from dualtrack.simulate.model import Model
from dualtrack.simulate.month import Month, month_of
from dualtrack.simulate.run import Task
from dualtrack.simulate.step import Decided, decide, month_end, opening_state

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Sample(NamedTuple):
    """Path-months, each once, in order of paths; shape (case,)."""

    paths: IntArray
    months: IntArray


def choose_sample(
    paths: int, months: int, size: int, seed: int, kinds: Sequence[npt.NDArray[np.bool_]] = ()
) -> Sample:
    """So many path-months: an equal part of each kind, and the rest from all that are left.

    Args:
        kinds: Path-months that deserve more than chance gives them, shape (month, path) each.

    Raises:
        ScenarioFault: The run has not so many, or the seed is below zero.
    """
    whole = paths * months
    if not 1 <= size <= whole:
        raise ScenarioFault(
            f"--sample {size:,} is outside 1 to {whole:,}: the run has {paths:,} paths of {months} months."
        )
    if seed < 0:
        raise ScenarioFault(f"--seed {seed} is below zero. Wanted: 0 or more.")
    generator = np.random.default_rng(seed)
    taken = np.zeros(whole, dtype=bool)
    for number, kind in enumerate(kinds, 1):
        there = np.flatnonzero(kind.T.ravel() & ~taken)
        wanted = size * number // (len(kinds) + 1) - int(taken.sum())
        taken[generator.choice(there, min(wanted, len(there)), replace=False)] = True
    taken[generator.choice(np.flatnonzero(~taken), size - int(taken.sum()), replace=False)] = True
    chosen = np.flatnonzero(taken)
    return Sample(chosen // months, chosen % months)


class Asked(NamedTuple):
    """One question that a month put to a limit, and the answer for all paths."""

    limit: str
    fields: dict[str, Array]
    answer: Array


@dataclass(frozen=True)
class WatchedMonth(Month):
    """A month that keeps what its limits were asked and what they answered: the room in units."""

    asked: list[Asked] = field(default_factory=list)

    def headroom(self, limit_id: str, **fields: Array) -> Array:
        answer = super().headroom(limit_id, **fields)
        self.asked.append(Asked(limit_id, fields, answer))
        return answer

    def row(self, limit_id: str, **fields: Array) -> tuple[Array, Array]:
        room, weight = super().row(limit_id, **fields)
        self.asked.append(Asked(limit_id, fields, _units(room, weight)))
        return room, weight


def _units(room: Array, weight: Array) -> Array:
    some = np.asarray(weight) > 0.0
    return np.where(some, np.maximum(room, 0.0) / np.where(some, weight, 1.0), np.inf)


@dataclass(frozen=True)
class OpenMonth:
    """One month of some paths side by side: what they were given and what was decided."""

    month: WatchedMonth
    decided: Decided
    drawn: Drawn
    given: Values

    def case(self, path: int, number: int, place: int) -> Case:
        """The month as the path in this place has it."""
        return Case(path, number, place, self.month, self.decided, self._alone(place))

    def _alone(self, place: int) -> Month:
        values, law = (
            {name: picked(array, place) for name, array in arrays.items()}
            for arrays in (self.drawn.values, self.drawn.law)
        )
        by_path = {name: picked(self.given[name], place) for name in ("us", "china", "batch_units")}
        return month_of(np, self.month.model, values, law, {**self.given, **by_path})


def open_month(model: Model, drawn: Drawn, given: Values, state: Values) -> OpenMonth:
    """Decide a month from a state, with the questions to its limits kept.

    Args:
        given: What the step is given for the month.
    """
    plain = month_of(np, model, drawn.values, drawn.law, given)
    month = WatchedMonth(**{part.name: getattr(plain, part.name) for part in fields(Month)})
    return OpenMonth(month, decide(month, state), drawn, given)


@dataclass(frozen=True)
class Case:
    """One month of one path.

    Attributes:
        path: In the run.
        number: Of the month, 0 for the first.
        place: Of the path among those side by side, in the arrays of `month` and `decided`.
        alone: The same month made for this path only, in plain numbers and numbers by buyer.
    """

    path: int
    number: int
    place: int
    month: WatchedMonth
    decided: Decided
    alone: Month

    def pick(self, values: Any) -> Any:
        """This path's part of an array whose last axis is the path."""
        return picked(values, self.place)

    def by_buyer(self, values: Any) -> FloatArray:
        """This path's number for each buyer."""
        return np.array(np.broadcast_to(self.pick(values), (len(self.month.model.buyers),)), dtype=float)

    def value(self, key: str) -> float:
        """This path's draw of an input."""
        return float(self.pick(self.month.values[key]))


def picked(values: Any, place: int) -> Any:
    """The part of one path, where the last axis is the path or has one entry for all."""
    values = np.asarray(values)
    if not values.ndim:
        return values[()]
    return values[..., place if values.shape[-1] > 1 else 0]


Visit = Callable[[Case], None]


def replay(task: Task, sample: Sample, paths: IntArray, visit: Visit) -> Outcomes:
    """Outcomes of some paths, with a call to `visit` for each of their path-months in the sample.

    Each path is drawn by itself; then all are simulated side by side.

    Args:
        paths: Of the run, each once; the sample's other paths are left out.
    """
    model = task.model
    drawn = _side_by_side([draw(model, model.block(int(path), 1)) for path in paths])
    by_month = given_by_month(model, drawn)
    place_of = {int(path): place for place, path in enumerate(paths)}
    wanted: dict[int, list[int]] = {}
    for path, number in zip(sample.paths, sample.months, strict=True):
        if int(path) in place_of:
            wanted.setdefault(int(number), []).append(int(path))
    state: Values = {}
    outputs: list[Values] = []
    for number in range(model.scenario.months):
        given = {name: array[number] for name, array in by_month.items()}
        state = state or opening_state(np, model, drawn.values, drawn.law, given)
        opened = open_month(model, drawn, given, state)
        for path in wanted.get(number, ()):
            visit(opened.case(path, number, place_of[path]))
        state, out = month_end(opened.month, opened.decided)
        outputs.append(kept(out))
    stacked = {name: np.stack([out[name] for out in outputs]) for name in outputs[0]}
    return outcomes(model, task.history, drawn, stacked)


def _side_by_side(blocks: Sequence[Drawn]) -> Drawn:
    def joined(parts: Sequence[Array]) -> Array:
        return np.concatenate(parts, axis=-1)

    def each(dicts: Sequence[dict[str, Array]]) -> dict[str, Array]:
        return {name: joined([one[name] for one in dicts]) for name in dicts[0]}

    gates = [block.gates for block in blocks]
    return Drawn(
        each([block.values for block in blocks]),
        each([block.law for block in blocks]),
        GateFutures(
            joined([one.us for one in gates]),
            joined([one.china for one in gates]),
            joined([one.tension for one in gates]),
            joined([one.batch_units for one in gates]),
            each([one.rates for one in gates]),
        ),
        each([block.uniforms for block in blocks]),
    )
