"""The test of a measure as it is written: `> 200000`, `5 to 7`, `by 2027-06`, `is may_not_ship`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from dualtrack.errors import DualtrackError, ScenarioFault
from dualtrack.months import month_label, parse_month

FORM = "`> 200000`, `<= 25 %`, `5 to 7`, `by 2027-06`, `not by 2027-06`, `is may_not_ship` or `is needs or may_ship`"
_MONTH = re.compile(r"\d{4}-\d{1,2}")
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(\S.*)")
_BETWEEN = re.compile(r"(\S.*?)\s+to\s+(\S.*)")
_IN_WORDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
SCALES = ((1e9, "bn"), (1e6, "M"))


@dataclass(frozen=True)
class Criterion:
    """What a measure's numbers are held against.

    Attributes:
        text: As it was written.
        kind: `number`, `month` (months are numbers as `months.parse_month` gives them) or `word`.
        operator: `>`, `>=`, `<`, `<=`, `to`, or `is`.
        bounds: One or two numbers.
        words: The words of which the answer is to be one.
        percent: Whether the numbers were written as percent.
    """

    text: str
    kind: str
    operator: str
    bounds: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    percent: bool = False

    def satisfied(self, values: np.ndarray) -> np.ndarray:
        """Where the numbers agree with the test; an undefined one never does."""
        match self.operator:
            case ">":
                found = values > self.bounds[0]
            case ">=":
                found = values >= self.bounds[0]
            case "<":
                found = values < self.bounds[0]
            case "<=":
                found = values <= self.bounds[0]
            case _:
                found = (values >= self.bounds[0]) & (values <= self.bounds[1])
        return np.asarray(found & ~np.isnan(values))

    @property
    def in_words(self) -> str:
        """The test as a reader says it."""
        if self.kind == "word":
            return "is " + " or ".join(word.replace("_", " ") for word in self.words)
        if self.kind == "month":
            return ("by " if self.operator == "<=" else "not by ") + month_label(int(self.bounds[0]))
        shown = [self._shown(bound) for bound in self.bounds]
        if self.operator == "to":
            return f"{shown[0]} to {shown[1]}"
        return f"{_IN_WORDS[self.operator]} {shown[0]}"

    def _shown(self, bound: float) -> str:
        if self.percent:
            return f"{100 * bound:g} %".replace("-", "−")
        scale, letter = next(((s, x) for s, x in SCALES if abs(bound) >= s), (1.0, ""))
        return f"{bound / scale:,.12g}{letter}".replace("-", "−")


def parse_test(text: str) -> Criterion:
    """The criterion of a text.

    Raises:
        ScenarioFault: It has none of the forms.

    >>> parse_test("5 to 7").bounds, parse_test("<= 25 %").bounds, parse_test("by 2026-12").kind
    ((5.0, 7.0), (0.25,), 'month')
    """
    said = " ".join(str(text).split())
    if said.startswith("is "):
        words = tuple(word.strip().replace(" ", "_").replace("-", "_") for word in said[3:].split(" or "))
        if all(words):
            return Criterion(said, "word", "is", words=words)
    for opening, operator in (("not by ", ">"), ("by ", "<=")):
        if said.startswith(opening):
            return Criterion(said, "month", operator, (_month(said, said.removeprefix(opening)),))
    if found := _COMPARED.fullmatch(said):
        number, percent = _number(said, found[2])
        return Criterion(said, "number", found[1], (number,), percent=percent)
    if found := _BETWEEN.fullmatch(said):
        (low, one), (high, other) = _number(said, found[1]), _number(said, found[2])
        # `5 to 10 %` is in percent at both ends.
        if other and not one:
            low = low / 100.0
        if low > high:
            raise ScenarioFault(f"the test {said!r} ends below its start. Write the smaller number first.")
        return Criterion(said, "number", "to", (low, high), percent=other)
    raise ScenarioFault(f"the test {said!r} cannot be read. Wanted: {FORM}.")


def _number(test: str, text: str) -> tuple[float, bool]:
    percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%").strip().replace("_", "").replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        hint = " A month is tested with `by` or `not by`." if _MONTH.fullmatch(text) else ""
        raise ScenarioFault(
            f"the test {test!r} cannot be read: {text!r} is not a number.{hint} Wanted: {FORM}."
        )
    return (number / 100.0, True) if percent else (number, False)


def _month(test: str, text: str) -> float:
    try:
        return float(parse_month(text))
    except DualtrackError as error:
        raise ScenarioFault(f"the test {test!r} cannot be read: {error}") from None
