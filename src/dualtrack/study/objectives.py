"""What a side wants, as a weighted sum of outcomes: `levy_paid + 0.5*nvidia_china_ai_revenue - 2000*china_compute_h100e@2028-12`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dualtrack.errors import DualtrackError, ScenarioFault, nearest
from dualtrack.results.questions import Question, parse_question
from dualtrack.yaml_files import load_document

DEFAULTS = Path(__file__).parent.parent / "data" / "objectives.yaml"
SIDES = {"us": "the United States", "china": "China"}
FORM = (
    "NUMBER*OUTCOME@PERIOD, joined by + and -, for example us='levy_paid - 2000*china_compute_h100e@2028-12'"
)

_NUMBER = r"[0-9][0-9_]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?"
_MONTH = r"[0-9]{4}-[0-9]{2}"
_PERIOD = rf"{_MONTH}(?:\s*\.\.\s*{_MONTH})?|[A-Za-z0-9]+"
_QUESTION = rf"[A-Za-z][A-Za-z0-9_]*(?:\s*@\s*(?:{_PERIOD}))?"
_SIGN = re.compile(r"\s*([+-])\s*")
_TERM = re.compile(
    rf"(?:(?P<before>{_NUMBER})\s*\*\s*)?(?P<question>{_QUESTION})(?:\s*\*\s*(?P<after>{_NUMBER}))?\s*"
)


@dataclass(frozen=True)
class Objective:
    """A side's weighted sum.

    Attributes:
        side: `us` or `china`.
        assumption: Why these weights, where they are not the user's own.
    """

    side: str
    text: str
    terms: tuple[tuple[float, Question], ...]
    assumption: str | None

    def values(self, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """The sum, of arrays of any one shape.

        Args:
            answers: The terms' outcomes by the question's name.
        """
        weight, question = self.terms[0]
        found: np.ndarray = weight * answers[question.name]
        for weight, question in self.terms[1:]:
            found = found + weight * answers[question.name]
        return found


def parse_objective(side: str, text: str, months: Sequence[str], assumption: str | None = None) -> Objective:
    """The objective of a text.

    Raises:
        ScenarioFault: It is no sum of known outcomes in periods of the run.
    """
    option = f"--objective {side}"
    terms: list[tuple[float, Question]] = []
    place = 0
    text = text.strip()
    while place < len(text) or not terms:
        sign = _SIGN.match(text, place)
        if sign is None and terms:
            raise _unreadable(option, text, place)
        place = sign.end() if sign else place
        term = _TERM.match(text, place)
        if term is None or (term["before"] and term["after"]):
            raise _unreadable(option, text, place)
        weight = float((term["before"] or term["after"] or "1").replace("_", ""))
        if not math.isfinite(weight):
            raise _unreadable(option, text, place)
        question = parse_question(re.sub(r"\s", "", term["question"]), months, option)
        terms.append((-weight if sign and sign[1] == "-" else weight, question))
        place = term.end()
    return Objective(side, text, tuple(terms), assumption)


def _unreadable(option: str, text: str, place: int) -> ScenarioFault:
    rest = text[place : place + 20].strip() or "the end"
    return ScenarioFault(f"{option} {text!r}: cannot read on at {rest!r}. Wanted: {FORM}.")


def choose_objectives(texts: Sequence[str], months: Sequence[str], faults: list[str]) -> dict[str, Objective]:
    """Both sides' objectives, typed as `us=...` and `china=...`; what is not typed is the marked default.

    Args:
        faults: What is wrong with them is added here.
    """
    typed: dict[str, str] = {}
    for text in texts:
        side, equals, rest = (part.strip() for part in text.partition("="))
        if not equals or not rest:
            faults.append(f"--objective {text!r}: wanted us={FORM.partition('us=')[2]}, or china=...")
        elif side not in SIDES:
            faults.append(
                f"--objective {text!r}: there is no side {side!r}. Wanted: us or china.{nearest(side, SIDES)}"
            )
        elif side in typed:
            faults.append(f"--objective {side} is given twice.")
        else:
            typed[side] = rest
    stated = load_document(DEFAULTS).data
    found: dict[str, Objective] = {}
    for side in SIDES:
        assumption = None if side in typed else " ".join(str(stated[side]["assumption"]).split())
        try:
            found[side] = parse_objective(
                side, typed.get(side) or stated[side]["objective"], months, assumption
            )
        except DualtrackError as error:
            faults.append(str(error))
    return found
