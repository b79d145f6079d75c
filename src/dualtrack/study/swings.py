"""What an outcome is where an input is low and where it is high, and whose distribution a conclusion shifts.

Both look at the scenario's own paths, one input at a time; an input that is correlated with another carries it along.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dualtrack.futures.draws import Array
from dualtrack.study.factors import Member

TENTH = 0.1
LEVEL = 0.95
LEAST_PATHS = 20


@dataclass(frozen=True)
class End:
    """An outcome over the paths with an input in one part of its range.

    Attributes:
        where: The report, for an input drawn between reports; else `lowest tenth` or `highest tenth`.
        low: The input's smallest value there, None for a report.
        high: Its largest.
    """

    where: str
    low: float | None
    high: float | None
    paths: int
    mean: float
    median: float


@dataclass(frozen=True)
class Swing:
    """How far an outcome's mean moves from one end of an input to the other.

    Attributes:
        change: Mean at `high` less mean at `low`; for reports, the largest less the smallest.
        half_width: Of the change's interval at LEVEL.
        clear: Whether it is more than chance gives the largest of as many inputs, at LEVEL.
    """

    key: str
    low: End
    high: End
    change: float
    half_width: float
    clear: bool


@dataclass(frozen=True)
class Shift:
    """How far an input's distribution where a conclusion holds is from that where it does not.

    Attributes:
        distance: Kolmogorov-Smirnov, 0 to 1.
        threshold: What chance alone exceeds for any of all inputs in 1 - LEVEL of studies, at most.
        median_if_holds: The input's median over the paths where it holds; None for one drawn between reports.
        shares_if_holds: The part of those paths that has each report.
    """

    key: str
    distance: float
    threshold: float
    median_if_holds: float | None
    median_if_not: float | None
    shares_if_holds: dict[str, float]
    shares_if_not: dict[str, float]

    @property
    def clear(self) -> bool:
        return self.distance > self.threshold


def swings(members: Sequence[Member], uniforms: Array, values: Array) -> list[Swing]:
    """The swing of every input, the largest first.

    Args:
        uniforms: The uniform behind each input, shape (input, path).
        values: The outcome, shape (path,); undefined paths are left out.
    """
    defined = np.isfinite(values)
    values, uniforms = values[defined], uniforms[:, defined]
    # Of many inputs some swing by chance; the interval of the largest has to allow for that (Bonferroni).
    strict = float(-ndtri((1.0 - LEVEL) / 2.0 / max(len(members), 1)))
    plain = float(-ndtri((1.0 - LEVEL) / 2.0))
    found = []
    for member, uniform in zip(members, uniforms, strict=True):
        parts = _parts(member, uniform)
        ends = [
            (_end(name, member, uniform[inside], values[inside]), values[inside]) for name, inside in parts
        ]
        ends = [end for end in ends if end[0].paths >= LEAST_PATHS]
        if len(ends) < 2:
            continue
        if member.names:
            ends.sort(key=lambda end: end[0].mean)
        (low, below), (high, above) = ends[0], ends[-1]
        error = math.sqrt(float(np.var(below)) / below.size + float(np.var(above)) / above.size)
        change = high.mean - low.mean
        found.append(Swing(member.key, low, high, change, plain * error, abs(change) > strict * error))
    return sorted(found, key=lambda swing: -abs(swing.change))


def shifts(members: Sequence[Member], uniforms: Array, holds: NDArray[np.bool_]) -> list[Shift]:
    """The shift of every input, the largest first; none where the conclusion holds nowhere or everywhere."""
    yes, no = int(holds.sum()), int((~holds).sum())
    if not yes or not no:
        return []
    threshold = distance_by_chance(yes, no, len(members))
    found = []
    for member, uniform in zip(members, uniforms, strict=True):
        found.append(
            Shift(
                member.key,
                ks_distance(uniform, holds),
                threshold,
                _median(member, uniform[holds]),
                _median(member, uniform[~holds]),
                _shares(member, uniform[holds]),
                _shares(member, uniform[~holds]),
            )
        )
    return sorted(found, key=lambda shift: -shift.distance)


def ks_distance(values: Array, holds: NDArray[np.bool_]) -> float:
    """The largest difference of the distribution functions of values where a statement holds and where not."""
    order = np.argsort(values, kind="stable")
    yes = holds[order]
    apart = np.cumsum(yes) / yes.sum() - np.cumsum(~yes) / (~yes).sum()
    return float(np.abs(apart).max())


def distance_by_chance(yes: int, no: int, inputs: int) -> float:
    """A distance that none of so many inputs exceeds by chance, with probability LEVEL or more.

    The two-sample form of the bound of Dvoretzky, Kiefer, Wolfowitz and Massart, shared out over the inputs.
    """
    return math.sqrt(math.log(2.0 * inputs / (1.0 - LEVEL)) / 2.0 * (yes + no) / (yes * no))


def _parts(member: Member, uniform: Array) -> list[tuple[str, NDArray[np.bool_]]]:
    if not member.names:
        return [("lowest tenth", uniform < TENTH), ("highest tenth", uniform > 1.0 - TENTH)]
    edges = member.edges()
    return [
        (name, (uniform >= low) & (uniform < high))
        for name, low, high in zip(member.names, edges[:-1], edges[1:], strict=True)
    ]


def _median(member: Member, uniform: Array) -> float | None:
    return None if member.names else float(member.values(np.median(uniform, keepdims=True))[0])


def _shares(member: Member, uniform: Array) -> dict[str, float]:
    return {name: float(inside.mean()) for name, inside in _parts(member, uniform)} if member.names else {}


def _end(where: str, member: Member, uniform: Array, values: Array) -> End:
    ends: tuple[float | None, float | None] = (None, None)
    if not member.names and uniform.size:
        low, high = member.values(np.array([uniform.min(), uniform.max()]))
        ends = (float(low), float(high))
    mean, median = (float(np.mean(values)), float(np.median(values))) if values.size else (math.nan, math.nan)
    return End(where, *ends, int(values.size), mean, median)
