"""Settings that are compared: read from an address, written back to it, and checked before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from dualtrack.errors import DualtrackError, Fault, ScenarioFault, raise_gathered
from dualtrack.scenarios.scenario import DEFAULT, Scenario
from dualtrack.settings.state import OPTIONS, Limits, Reading, State, faults_by_key, read_query, words_by_key
from dualtrack.study.compare import questions_of
from dualtrack.study.paired import Draws, check_same_draws
from dualtrack.study.sides import MOST_SIDES, read_names
from dualtrack.web.requests import content_key

LETTERS = "abcdefgh"[:MOST_SIDES]
BASE = "no-imports"
OUTCOME = "outcome"
MOST_OUTCOMES = 30
SAFE = ":=@"  # what may stand in a query as it is


@dataclass(frozen=True)
class Comparison:
    """What is compared: settings of the same paths, seed and months, the base last.

    Attributes:
        outcomes: `NAME` or `NAME@PERIOD`; those of `dualtrack compare` if none.
    """

    sides: tuple[State, ...]
    outcomes: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The sides as `dualtrack compare` takes them: `h200-truce:china.ratio=1`."""
        return [
            f"{side.scenario}:{','.join(side.lines)}" if side.changes else side.scenario
            for side in self.sides
        ]

    @property
    def paths(self) -> int:
        return self.sides[0].run_paths

    @property
    def options(self) -> dict[str, int | None]:
        """Paths, seed and months as the command is to name them."""
        return {**self.sides[0].options, "paths": self.paths}

    def query_string(self) -> str:
        """The parameters of the page's address: those of a side behind `a.` or `b.`, those of all without."""
        pairs = _pairs(self.sides, self.options) + [(OUTCOME, text) for text in self.outcomes]
        return urlencode(pairs, safe=SAFE)

    def digest(self) -> str:
        """sha256 of all that the comparison's document follows from."""
        parts = [[side.digest() for side in self.sides], self.texts, self.options, self.outcomes]
        return content_key(*parts)


@dataclass(frozen=True)
class ComparisonReading:
    """What an address says of a comparison, and what is wrong with it.

    Attributes:
        sides: By letter, each as far as it could be read.
        faults: Everything wrong, each with the parameter that it is about, as `a.china.ratio`.
    """

    comparison: Comparison
    sides: Mapping[str, Reading]
    faults: tuple[Fault, ...]

    def by_key(self) -> dict[str, list[str]]:
        """The words of the faults by parameter."""
        return words_by_key(self.faults)

    def checked(self) -> Comparison:
        """The comparison.

        Raises:
            ScenarioFault: Something is wrong; every fault is listed.
        """
        raise_gathered(self.faults, ScenarioFault, "This cannot be compared.")
        return self.comparison


def read_comparison(
    query: Mapping[str, Sequence[str]], limits: Limits, usual_paths: int, letters: Sequence[str] = "ab"
) -> ComparisonReading:
    """The comparison that the parameters of an address ask for.

    Args:
        query: `a.scenario`, `a.KEY` and `a.set` for the first side, so on for the others; `paths`, `seed`, `months` and
            `outcome` for all.
        usual_paths: Where none are named.

    Raises:
        Nothing: whatever is wrong is a fault of the reading.
    """
    shared = {name: list(query.get(name, ())) for name in OPTIONS}
    if not any(text.strip() for text in shared["paths"]):
        shared["paths"] = [str(usual_paths)]
    sides: dict[str, Reading] = {}
    faults: list[Fault] = []
    for letter in letters:
        own = {
            name.removeprefix(f"{letter}."): values
            for name, values in query.items()
            if name.startswith(f"{letter}.") and name.removeprefix(f"{letter}.") not in OPTIONS
        }
        usual = BASE if letter == letters[-1] else DEFAULT
        scenario = [text for text in own.get("scenario", ()) if text.strip()] or [usual]
        sides[letter] = read_query({**own, **shared, "scenario": scenario}, limits)
        faults += [_of_side(letter, fault) for fault in sides[letter].faults]
    states = tuple(reading.state for reading in sides.values())
    comparison = Comparison(states, _outcomes(query.get(OUTCOME, ())))
    # A wrong number of paths is wrong on every side, and told once.
    faults = list(dict.fromkeys(faults))
    if not faults:
        faults += _of_all(comparison, [side.scenario for side in sides.values() if side.scenario])
    return ComparisonReading(comparison, sides, tuple(faults))


def compare_query(one: State, base: State) -> str:
    """The parameters of the page that compares two states, with the first one's paths, seed and months."""
    return urlencode(_pairs((one, base), one.options), safe=SAFE)


def _pairs(sides: Sequence[State], options: Mapping[str, int | None]) -> list[tuple[str, str]]:
    named = [
        (f"{letter}.{name}", value)
        for letter, side in zip(LETTERS, sides, strict=False)
        for name, value in side.query()
        if name not in OPTIONS
    ]
    return named + [(name, str(value)) for name, value in options.items() if value is not None]


def _outcomes(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _of_side(letter: str, fault: Fault) -> Fault:
    about = fault.about or ""
    if about in OPTIONS:
        return fault
    return replace(fault, key=f"{letter.upper()}, {fault.key or about}", about=f"{letter}.{about}")


def _of_all(comparison: Comparison, scenarios: Sequence[Scenario]) -> list[Fault]:
    """What is wrong though each side alone can be run."""
    draws = [(text, Draws.of(found)) for text, found in zip(comparison.texts, scenarios, strict=True)]
    months = scenarios[0].month_labels
    if len(comparison.outcomes) > MOST_OUTCOMES:
        what = f"{len(comparison.outcomes)} are too many. Wanted: at most {MOST_OUTCOMES}"
        return [Fault(what, key=OUTCOME, about=OUTCOME)]
    faults = []
    checks: list[tuple[str, Callable[[], object]]] = [
        (f"{LETTERS[0]}.scenario", lambda: read_names(comparison.texts)),
        (f"{LETTERS[0]}.scenario", lambda: check_same_draws(draws)),
        (OUTCOME, lambda: questions_of(months, comparison.outcomes, ())),
    ]
    for about, check in checks:
        try:
            check()
        except DualtrackError as error:
            faults += [Fault(text, about=about) for texts in faults_by_key(error).values() for text in texts]
    return faults
