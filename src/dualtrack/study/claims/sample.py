"""What a measure comes to: numbers, what they are numbers of, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from dualtrack.study.claims.runs import Ground

# Of what the numbers are: futures of a run, reports in the fact book, figures of chips, answers of the rules.
Basis = Literal["futures", "reports", "figures", "rules"]
MONTH = "month"
# Outcomes are kept in single precision: what two runs differ by below this part of them is rounding.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Sample:
    """The numbers of a measure.

    Attributes:
        values: Shape (n,), float64; NaN where the question does not arise. Months are numbers as
            `months.parse_month` gives them, infinite where it never happens.
        unit: As in the table of outcomes; `month` for months, `word` where `word` is the answer.
        basis: What the numbers are numbers of.
        what: What was measured, in words.
        facts: Facts it stands on.
        cited: Other sources, as rows: figures of chips, rules.
        word: The answer, where it is one.
        told: The number shown in place of the median, where that is nobody's: of two reports, the first.
        notes: What the reader should know, in sentences.
    """

    values: np.ndarray
    unit: str
    basis: Basis
    what: str
    facts: tuple[str, ...] = ()
    cited: tuple[Mapping[str, Any], ...] = ()
    word: str | None = None
    told: float | None = None
    notes: tuple[str, ...] = field(default=())


def without_rounding(difference: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Differences of two runs, nothing where they are but rounding, so that a test `> 0` counts none of it.

    Args:
        size: How large the numbers are that were subtracted, same shape.

    >>> without_rounding(np.array([0.3, 30.0]), np.array([1e6, 1e6])).tolist()
    [0.0, 30.0]
    """
    return np.where(np.abs(difference) <= ROUNDING * np.abs(size), 0.0, difference)


class Measure(Protocol):
    """One thing that can be measured. Made from its entry by `of`, which asks the plan for what it needs."""

    @property
    def answers(self) -> str:
        """What its test compares: `number`, `month`, `word`, or `any`."""
        ...

    def evaluate(self, ground: Ground) -> Sample:
        """Its numbers.

        Raises:
            CannotBeJudged: Something is missing.
        """
        ...
