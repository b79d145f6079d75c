"""A conclusion as it is typed: an outcome in a period, a comparison, a value."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dualtrack.errors import ScenarioFault
from dualtrack.results.questions import Question, parse_question

OPTION = "--conclusion"
FORM = 'OUTCOME[@PERIOD], one of < <= > >=, and a number, for example "compute_gap_ratio@2029-01 < 15"'
COMPARISONS: Mapping[str, Callable[[np.ndarray, float], NDArray[np.bool_]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Conclusion:
    """A statement about one path that is true or not."""

    question: Question
    comparison: str
    value: float

    @property
    def text(self) -> str:
        return f"{self.question.name} {self.comparison} {self.value:g}"

    def holds(self, values: np.ndarray) -> NDArray[np.bool_]:
        """Whether it is true, by path; where the outcome is undefined it is not."""
        with np.errstate(invalid="ignore"):
            true: NDArray[np.bool_] = COMPARISONS[self.comparison](values, self.value)
        return true


def parse_conclusion(text: str, months: Sequence[str]) -> Conclusion:
    """The conclusion of a text.

    Args:
        months: The run's months.

    Raises:
        ScenarioFault: It names no outcome, no comparison, or no number.
    """
    found = re.fullmatch(r"\s*([^<>=!]*?)\s*(<=|>=|<|>)\s*([^<>=!]+?)\s*", text)
    if not found or not found[1]:
        raise ScenarioFault(f"{OPTION} {text!r}: wanted {FORM}.")
    question = parse_question(found[1], months, OPTION)
    try:
        value = float(found[3].replace("_", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ScenarioFault(f"{OPTION} {text!r}: {found[3]!r} is not a number.")
    return Conclusion(question, found[2], value)
