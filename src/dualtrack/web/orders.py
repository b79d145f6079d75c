"""An order in an address: what was asked, the command that gives the same, and where its answer is kept."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from dualtrack.decide.declarations import find_declaration, short_name
from dualtrack.errors import ScenarioFault
from dualtrack.web.requests import content_key

# By the name in an address, that of the command's option.
OPTIONS: Final[Mapping[str, str]] = {
    "chip": "chip",
    "buyer": "buyer",
    "units": "units",
    "destination": "destination",
    "end_use": "end_use",
    "price": "price_usd",
    "on": "on",
    "us_units": "us_units",
    "ratio": "ratio",
}
# No id, number or day is longer; what is longer is cut, and then told of as wrong.
LONGEST: Final = 200
MOST_FIELDS: Final = 100


@dataclass(frozen=True)
class Question:
    """An order as it was asked about, in texts.

    Attributes:
        given: By name in OPTIONS; what was left empty is not in it.
        declared: By name as it was typed, the answer as it was typed.
    """

    given: Mapping[str, str]
    declared: Mapping[str, str]

    @property
    def options(self) -> dict[str, str]:
        """By key of `decide.reading.KEYS`."""
        return {OPTIONS[name]: text for name, text in self.given.items()}

    @property
    def declarations(self) -> list[str]:
        """As after `--declare`."""
        return [f"{name}={answer}" for name, answer in self.declared.items()]

    @property
    def key(self) -> str:
        return content_key("decide", self.options, self.declarations)

    def command(self) -> str:
        """What gives the same at the terminal."""
        words = ["dualtrack", "decide"]
        for name, text in self.given.items():
            words += [f"--{name.replace('_', '-')}", text]
        for text in self.declarations:
            words += ["--declare", text]
        return shlex.join(words)

    def interface(self) -> str:
        """Where the interface gives the same."""
        declared = [("declare", text) for text in self.declarations]
        return f"/api/v1/decide?{urlencode([*self.given.items(), *declared])}"

    def declaring(self, answers: Mapping[str, str]) -> str:
        """The page of the same order with more declared."""
        return f"/decide?{urlencode({**self.given, **self.declared, **answers})}"


def question_of(fields: Iterable[tuple[str, str]]) -> Question:
    """The question of an address: what is no field of the order is taken for a declaration.

    Raises:
        ScenarioFault: There are more fields than any order has.
    """
    filled = [(name[:LONGEST], text.strip()[:LONGEST]) for name, text in fields if text.strip()]
    if len(filled) > MOST_FIELDS:
        raise ScenarioFault(
            f"The address has {len(filled)} fields, more than an order takes. Begin anew: /decide"
        )
    given, declared = {}, {}
    for name, text in filled:
        if name in OPTIONS:
            given[name] = text
        else:
            field = find_declaration(name)
            declared[short_name(field) if field else name] = text
    return Question({name: given[name] for name in OPTIONS if name in given}, declared)
