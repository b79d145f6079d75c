"""Scenario discovery: boxes of inputs in which a conclusion holds, or fails, more often than elsewhere (PRIM).

The boxes come from EMA Workbench's PRIM (Friedman and Fisher 1999; Bryant and Lempert 2010). They are searched on
one half of the paths and measured on the other, since a box always looks better where it was found.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualtrack.futures.draws import Array
from dualtrack.study.factors import Member

MOST_INPUTS = 10
MOST_RESTRICTED = 4
MOST_BOXES = 2
LEAST_MASS = 0.05
LEAST_CASES = 20
WORTH = 1.25  # a further box has to be at least so many times as dense as all paths
LARGEST_QUASI_P = 0.05


@dataclass(frozen=True)
class Limit:
    """What a box asks of one input.

    Attributes:
        low: Smallest value, None where it is free; `high` likewise.
        low_probability: Where that value stands in the input's own distribution, 0 where it is free.
        names: The reports it keeps, for an input drawn between reports.
        quasi_p: How likely the box without this limit would have been as dense by chance.
    """

    key: str
    low: float | None
    high: float | None
    low_probability: float
    high_probability: float
    names: tuple[str, ...]
    quasi_p: float

    def holds(self, member: Member, uniform: Array) -> NDArray[np.bool_]:
        """Which paths are inside."""
        if not member.names:
            return (uniform >= self.low_probability) & (uniform <= self.high_probability)
        return np.isin(reports(member, uniform), self.names)


@dataclass(frozen=True)
class Measure:
    """How good a box is on some paths.

    Attributes:
        cases: Paths with the case that is looked for, in all; `inside` of them in the box.
        paths: Paths in the box.
    """

    cases: int
    inside: int
    paths: int

    @property
    def coverage(self) -> float | None:
        """The part of the cases that the box holds."""
        return self.inside / self.cases if self.cases else None

    @property
    def density(self) -> float | None:
        """The part of the box's paths that are cases."""
        return self.inside / self.paths if self.paths else None


@dataclass(frozen=True)
class Box:
    """A region of inputs.

    Attributes:
        found: On the paths it was searched on.
        checked: On the other paths.
    """

    limits: tuple[Limit, ...]
    found: Measure
    checked: Measure


@dataclass(frozen=True)
class Discovery:
    """The boxes of a conclusion.

    Attributes:
        looked_for: Whether the cases are those where it holds; else those where it does not.
        inputs: The keys searched.
        trajectory: Coverage, density and number of inputs of every box on the way of the first search.
    """

    looked_for: bool
    inputs: tuple[str, ...]
    boxes: tuple[Box, ...]
    trajectory: tuple[tuple[float, float, int], ...]


def reports(member: Member, uniform: Array) -> NDArray[np.str_]:
    """The report that each path draws, by name."""
    place = np.searchsorted(member.edges()[1:-1], uniform, side="right")
    return np.array(member.names)[place]


def discover(members: Sequence[Member], uniforms: Array, holds: NDArray[np.bool_]) -> Discovery | None:
    """Boxes of the rarer of the two: where the conclusion holds, or where it does not.

    Args:
        members: The inputs to search, the most telling first; the first MOST_INPUTS are taken.
        uniforms: The uniform behind each, shape (input, path).
        holds: Whether the conclusion holds, shape (path,).

    Returns:
        The boxes, possibly none; None where there are too few cases to look for any.
    """
    members, uniforms = members[:MOST_INPUTS], uniforms[:MOST_INPUTS]
    looked_for = bool(holds.mean() <= 0.5)
    cases = holds == looked_for
    # Odd and even paths: each half has the whole run's spread.
    search, check = np.arange(holds.size) % 2 == 0, np.arange(holds.size) % 2 == 1
    if min(cases[search].sum(), cases[check].sum()) < LEAST_CASES or not members:
        return None
    boxes: list[Box] = []
    trajectory: tuple[tuple[float, float, int], ...] = ()
    left = np.ones(holds.size, dtype=bool)
    for number in range(MOST_BOXES):
        at = search & left
        if cases[at].sum() < LEAST_CASES:
            break
        candidates = _candidates(members, uniforms[:, at], cases[at])
        chosen = _best(members, uniforms, cases, at, candidates)
        if number == 0:
            trajectory = tuple((c.coverage, c.density, len(c.limits)) for c in candidates)
        if chosen is None:
            break
        inside = _inside(members, uniforms, chosen)
        box = Box(chosen, _measure(inside & left, cases, search), _measure(inside & left, cases, check))
        if (box.checked.density or 0.0) < WORTH * cases[check].mean():
            break
        boxes.append(box)
        left &= ~inside
    return Discovery(looked_for, tuple(m.key for m in members), tuple(boxes), trajectory)


@dataclass(frozen=True)
class _Candidate:
    limits: tuple[Limit, ...]
    coverage: float
    density: float


def _candidates(members: Sequence[Member], uniforms: Array, cases: NDArray[np.bool_]) -> list[_Candidate]:
    """Every box of one peeling, from all paths to the smallest box."""
    # EMA Workbench imports a plotting library, and warns of what else could be installed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from ema_workbench.analysis import prim

        table = pd.DataFrame(
            {
                m.key: pd.Series(reports(m, u), dtype=object) if m.names else u
                for m, u in zip(members, uniforms, strict=True)
            }
        )
        box = prim.Prim(table, cases, threshold=1e-9, mass_min=LEAST_MASS).find_box()
    by_key = {member.key: member for member in members}
    return [
        _Candidate(
            tuple(_limit(by_key[key], limits[key].tolist(), p) for key, p in quasi_p.items()),
            float(row.coverage),
            float(row.density),
        )
        for row, limits, quasi_p in zip(
            box.peeling_trajectory.itertuples(), box.box_lims, box.qp, strict=True
        )
    ]


def _limit(member: Member, ends: list[Any], quasi_p: Sequence[float]) -> Limit:
    # The Workbench writes -1 where an end is free.
    largest = max(float(p) for p in quasi_p)
    if member.names:
        kept = tuple(name for name in member.names if name in ends[0])
        return Limit(member.key, None, None, 0.0, 1.0, kept, largest)
    free = [p < 0.0 for p in quasi_p]
    low, high = (float(end) for end in ends)
    bounds = member.values(np.array([low, high]))
    return Limit(
        member.key,
        None if free[0] else float(bounds[0]),
        None if free[1] else float(bounds[1]),
        0.0 if free[0] else low,
        1.0 if free[1] else high,
        (),
        largest,
    )


def _best(
    members: Sequence[Member],
    uniforms: Array,
    cases: NDArray[np.bool_],
    at: NDArray[np.bool_],
    candidates: Sequence[_Candidate],
) -> tuple[Limit, ...] | None:
    """The limits, of those that chance does not explain, that keep most of the cases beyond their part of the others.

    That is Youden's J, which asks the same of common and of rare cases.
    """
    others = int((~cases & at).sum())
    best, best_worth = None, 0.0
    for candidate in candidates:
        limits = tuple(limit for limit in candidate.limits if limit.quasi_p <= LARGEST_QUASI_P)
        if not limits or len(limits) > MOST_RESTRICTED:
            continue
        found = _measure(_inside(members, uniforms, limits), cases, at)
        worth = found.inside / found.cases - (found.paths - found.inside) / others
        if worth > best_worth:
            best, best_worth = limits, worth
    return best


def _inside(members: Sequence[Member], uniforms: Array, limits: Sequence[Limit]) -> NDArray[np.bool_]:
    place = {member.key: n for n, member in enumerate(members)}
    inside = np.ones(uniforms.shape[1], dtype=bool)
    for limit in limits:
        n = place[limit.key]
        inside &= limit.holds(members[n], uniforms[n])
    return inside


def _measure(inside: NDArray[np.bool_], cases: NDArray[np.bool_], at: NDArray[np.bool_]) -> Measure:
    return Measure(int((cases & at).sum()), int((inside & cases & at).sum()), int((inside & at).sum()))
