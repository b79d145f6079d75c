"""Sensitivity indices from simulated rows, each with the interval that its estimate is known to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from dualtrack.futures.draws import Array
from dualtrack.study.designs import LEVELS, MorrisDesign, SobolDesign, morris_problem
from dualtrack.study.factors import LUCK, Factor

RESAMPLES = 500
LEVEL = 0.95
# At once, so that many base points do not fill the memory.
RESAMPLED_TOGETHER = 50


@dataclass(frozen=True)
class Estimate:
    """A number and the interval it is known to, at LEVEL."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Indices:
    """Sobol' indices of one outcome; arrays are by factor, luck last.

    Attributes:
        first: The share of the outcome's variance that a factor explains alone.
        total: The share that it has a part in, alone or together with others.
        sum_of_first: What all factors explain one by one.
        inputs_alone: What all factors but luck explain together, with one another.
        settled: How many of the leading places by total order are told apart from the next one.
    """

    names: tuple[str, ...]
    first: tuple[Estimate, ...]
    total: tuple[Estimate, ...]
    sum_of_first: Estimate
    inputs_alone: Estimate
    settled: int

    @property
    def order(self) -> list[int]:
        """Positions by total order, the largest first."""
        return sorted(range(len(self.names)), key=lambda place: -self.total[place].value)


@dataclass(frozen=True)
class Effects:
    """Morris screening of one outcome; by factor, luck last.

    Attributes:
        size: Mean of the absolute change in the outcome when the factor moves by one step.
        mean: Mean change, None for factors of several numbers and for luck, which have no direction.
        deviation: Standard deviation of the changes, None likewise: curvature, or dependence on others.
    """

    names: tuple[str, ...]
    size: tuple[Estimate, ...]
    mean: tuple[float | None, ...]
    deviation: tuple[float | None, ...]

    @property
    def order(self) -> list[int]:
        return sorted(range(len(self.names)), key=lambda place: -self.size[place].value)


def as_ranks(values: Array) -> Array:
    """Each value's rank among all, from 0 to 1; ties share theirs."""
    ranks: Array = (rankdata(values) - 0.5) / values.size
    return ranks


def varies(values: Array) -> bool:
    """Whether there is any variance to explain."""
    return bool(np.ptp(values) > 1e-12 * max(1.0, float(np.abs(values).max())))


def sobol_indices(design: SobolDesign, values: Array, seed: int) -> Indices:
    """First and total order of every factor, with bootstrap intervals over the base points.

    First order by Saltelli et al. (2010), total order by Jansen (1999), the estimators of SALib; the intervals are
    percentiles of RESAMPLES bootstrap samples instead of SALib's normal ones, so that they keep their skew and two
    factors can be compared sample by sample.

    Args:
        values: The outcome of every row, all defined, not all equal.
    """
    count = len(design.names)
    cube = (values - values.mean()).reshape(design.base, count + 2)
    a, between, b = cube[:, :1], cube[:, 1:-1], cube[:, -1:]
    # By base point: products whose means are the numerators, and the first two moments.
    terms = np.hstack(
        [b * (between - a), 0.5 * (a - between) ** 2, 0.5 * (a + b), 0.5 * (a**2 + b**2)],
    )
    first, total = _ratios(terms.mean(axis=0, keepdims=True), count)
    firsts, totals = _ratios(_resampled(terms, seed), count)
    return Indices(
        design.names,
        _estimates(first[0], firsts),
        _estimates(total[0], totals),
        _estimate(float(first.sum()), firsts.sum(axis=1)),
        _estimate(1.0 - float(total[0, -1]), 1.0 - totals[:, -1]),
        _settled(total[0], totals),
    )


def morris_effects(design: MorrisDesign, factors: Sequence[Factor], values: Array, seed: int) -> Effects:
    """Elementary effects of every factor, by SALib, with its bootstrap intervals.

    Args:
        values: The outcome of every row, all defined.
    """
    from SALib.analyze import morris

    found = morris.analyze(
        morris_problem(factors),
        design.points,
        values,
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        num_levels=LEVELS,
        seed=seed,
    )
    # SALib divides by the step on the unit interval.
    step = LEVELS / (2 * (LEVELS - 1))
    at = {name: place for place, name in enumerate(found["names"])}
    sizes, means, deviations = [], [], []
    for factor in factors:
        place = at[factor.name]
        size, half = (step * float(found[part][place]) for part in ("mu_star", "mu_star_conf"))
        sizes.append(Estimate(size, max(size - half, 0.0), size + half))
        directed = len(factor.streams) == 1 and factor.name != LUCK
        means.append(step * float(found["mu"][place]) if directed else None)
        deviations.append(step * float(found["sigma"][place]) if directed else None)
    return Effects(design.names, tuple(sizes), tuple(means), tuple(deviations))


def _ratios(means: Array, count: int) -> tuple[Array, Array]:
    """First and total order from means, shape (sample, factor); undefined where a sample does not vary."""
    variance = means[:, -1:] - means[:, -2:-1] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(variance > 0.0, means[:, : 2 * count] / variance, np.nan)
    return shares[:, :count], shares[:, count:]


def _resampled(terms: Array, seed: int) -> Array:
    """Means over bootstrap samples of the base points, shape (sample, term)."""
    points = len(terms)
    generator = np.random.default_rng(seed)
    even = np.full(points, 1.0 / points)
    means = [
        generator.multinomial(points, even, size=RESAMPLED_TOGETHER) / points @ terms
        for _ in range(RESAMPLES // RESAMPLED_TOGETHER)
    ]
    return np.concatenate(means)


def _estimates(values: Array, samples: Array) -> tuple[Estimate, ...]:
    return tuple(_estimate(float(value), sample) for value, sample in zip(values, samples.T, strict=True))


def _estimate(value: float, sample: Array) -> Estimate:
    tail = (1.0 - LEVEL) / 2.0
    defined = sample[np.isfinite(sample)]
    if defined.size == 0:
        return Estimate(value, value, value)
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    return Estimate(value, float(min(low, value)), float(max(high, value)))


def _settled(total: Array, totals: Array) -> int:
    """Leading places that hold in LEVEL of the samples against the next one."""
    order = np.argsort(-total)
    for place in range(len(order) - 1):
        ahead, behind = totals[:, order[place]], totals[:, order[place + 1]]
        if np.mean(ahead > behind) < LEVEL:
            return place
    return len(order)
