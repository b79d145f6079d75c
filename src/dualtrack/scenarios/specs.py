"""What a key's value may be: fixed, a range, or named alternatives, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import betaincinv

from dualtrack.facts.ranges import Range
from dualtrack.futures.draws import Array

TINY = 2.0**-53


@dataclass(frozen=True)
class Origin:
    """Where a number comes from: facts, or an assumption with its reason."""

    facts: tuple[str, ...] = ()
    assumption: str | None = None
    note: str | None = None
    confidence: str | None = None


@dataclass(frozen=True)
class Fixed:
    """One value; months, choices and switches are stored as numbers."""

    value: float
    origin: Origin

    def sample(self, uniform: Array) -> Array:
        return np.full(uniform.shape, self.value)

    @property
    def is_uncertain(self) -> bool:
        return False


@dataclass(frozen=True)
class Spread:
    """A range: its 80 % interval and median, and the family between them."""

    range: Range
    origin: Origin

    def sample(self, uniform: Array) -> Array:
        return self.range.quantile(uniform)

    @property
    def is_uncertain(self) -> bool:
        return self.range.low < self.range.high


@dataclass(frozen=True)
class Months:
    """A month drawn evenly from `first` to `last`."""

    first: int
    last: int
    origin: Origin

    def sample(self, uniform: Array) -> Array:
        return self.first + np.floor(uniform * (self.last - self.first + 1))

    @property
    def is_uncertain(self) -> bool:
        return self.first < self.last


@dataclass(frozen=True)
class Trials:
    """A share known from a few trials: Beta(1/2 + successes, 1/2 + failures)."""

    successes: float
    failures: float
    origin: Origin

    def sample(self, uniform: Array) -> Array:
        share: Array = betaincinv(0.5 + self.successes, 0.5 + self.failures, uniform)
        return share

    @property
    def is_uncertain(self) -> bool:
        return True


@dataclass(frozen=True)
class Alternatives:
    """Conflicting reports, between which paths draw by weight."""

    specs: tuple[Fixed | Spread | Months | Trials, ...]
    weights: tuple[float, ...]
    names: tuple[str, ...]
    origin: Origin = field(default_factory=Origin)

    def sample(self, uniform: Array) -> Array:
        """One uniform picks the alternative and, stretched over its part, the value within it."""
        total = sum(self.weights)
        out = np.full(uniform.shape, np.nan)
        start = 0.0
        for spec, weight in zip(self.specs, self.weights, strict=True):
            part = weight / total
            if part > 0.0:
                within = np.clip((uniform - start) / part, TINY, 1.0 - TINY)
                out = np.where(uniform >= start, spec.sample(within), out)
            start += part
        return out

    @property
    def is_uncertain(self) -> bool:
        return True


Spec = Fixed | Spread | Months | Trials | Alternatives
