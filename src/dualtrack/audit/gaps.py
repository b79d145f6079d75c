"""Differences found, quantity by quantity: the largest, the mean, where, and how much is put down to rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# The solver holds rows to 1e-7; amounts go up to millions of units in double precision.
UNITS = 1e-3
PART = 1e-6
# A path's numbers are saved in single or double precision; other processors round the last digits otherwise.
SINGLE = 1e-6
DOUBLE = 1e-9
# What is told for information counts from here.
HALF_A_UNIT = 0.5


@dataclass
class Gap:
    """One quantity computed twice.

    Attributes:
        tolerance: Largest difference that is rounding; None where the two need not be equal, so that a
            difference is told but is no fault.
        cases: How many were held against each other, and `apart` how many of them differ by more than the
            tolerance, or by half a unit where there is none.
        where: Path, month and so on of the largest difference.
    """

    what: str
    unit: str
    tolerance: float | None
    largest: float = 0.0
    total: float = 0.0
    cases: int = 0
    apart: int = 0
    where: dict[str, Any] = field(default_factory=dict)

    def note(self, difference: float, **where: Any) -> None:
        """Count one difference."""
        self.notes(np.array([abs(difference)]), lambda _: where)

    def notes(self, differences: FloatArray, where: Any) -> None:
        """Count many, zero or more each.

        Args:
            where: Gives the place of one of them by its index in the flat array.
        """
        if not differences.size:
            return
        worst = int(np.argmax(differences))
        largest = float(differences.flat[worst])
        if largest > self.largest:
            self.largest, self.where = largest, where(worst)
        self.total += float(differences.sum())
        self.cases += differences.size
        self.apart += int((differences > (HALF_A_UNIT if self.tolerance is None else self.tolerance)).sum())

    @property
    def mean(self) -> float:
        return self.total / self.cases if self.cases else 0.0

    @property
    def within(self) -> bool:
        return self.tolerance is None or self.largest <= self.tolerance

    def document(self) -> dict[str, Any]:
        """The gap in plain data."""
        return {
            "what": self.what,
            "unit": self.unit,
            "largest": self.largest,
            "mean": self.mean,
            "cases": self.cases,
            "apart": self.apart,
            "tolerance": self.tolerance,
            "within": self.within,
            "where": self.where,
        }


def relative(saved: Any, made: Any) -> FloatArray:
    """Differences as parts of the largest number of the path, along axis 0; 1 where only one of them is a number.

    >>> relative(np.array([[1.0], [2.0]]), np.array([[1.0], [2.5]])).ravel().tolist()
    [0.0, 0.2]
    """
    saved, made = np.asarray(saved, dtype=np.float64), np.asarray(made, dtype=np.float64)
    numbers = np.isfinite(saved) & np.isfinite(made)
    one, other = np.where(numbers, saved, 0.0), np.where(numbers, made, 0.0)
    size = np.maximum(np.abs(one), np.abs(other)).max(axis=0, keepdims=True)
    parts = np.abs(one - other) / np.where(size > 0.0, size, 1.0)
    same = (saved == made) | (np.isnan(saved) & np.isnan(made))
    return np.where(numbers, parts, np.where(same, 0.0, 1.0))


def within(gaps: Mapping[str, Gap]) -> bool:
    """Whether every gap that should be rounding is no more than that."""
    return all(gap.within for gap in gaps.values())
