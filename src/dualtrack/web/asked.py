"""What the address of a reference page asks for, with the faults of each field; and answers made once for each address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from fastapi import Request

from dualtrack.errors import DataFault
from dualtrack.facts.book import load_book
from dualtrack.months import parse_date, parse_day
from dualtrack.version import __version__
from dualtrack.web.requests import answered, content_key

LONGEST_QUERY = 200

Name = Literal["q", "known_by", "on", "page"]


@dataclass(frozen=True)
class Asked:
    """The fields of an address.

    Attributes:
        values: By field: what is asked for; of a field that is empty or has a fault what is meant without it.
        typed: What was written in each field that is not empty.
        faults: Pairs of a field and what is wrong with it.
    """

    values: Mapping[Name, Any]
    typed: Mapping[str, str]
    faults: tuple[tuple[str, str], ...]

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What a work function is called with, in the order of the fields."""
        return tuple(self.values.values())

    @property
    def blank(self) -> tuple[Any, ...]:
        """The arguments of an address without fields."""
        return tuple(_FIELDS[name][1] for name in self.values)

    @property
    def day_field(self) -> Name:
        """The field of a day, the only one that work itself can refuse."""
        return "on" if "on" in self.values else "known_by"

    def address(self, path: str, *, without: str = "") -> str:
        """The address that asks for the same, or for the same without one of the fields."""
        fields = {name: value for name, value in self.typed.items() if name != without}
        return f"{path}?{urlencode(fields)}" if fields else path


def read_asked(request: Request, *names: Name) -> Asked:
    """The fields of those names."""
    written = {name: request.query_params.get(name, "").strip() for name in names}
    values: dict[Name, Any] = {}
    faults: list[tuple[str, str]] = []
    for name, text in written.items():
        parse, values[name] = _FIELDS[name]
        if text:
            try:
                values[name] = parse(text)
            except DataFault as error:
                faults.append((name, str(error)))
    return Asked(values, {name: text for name, text in written.items() if text}, tuple(faults))


async def answer_to(request: Request, work: Callable[..., bytes], *arguments: Any) -> bytes:
    """What the work says of its arguments.

    Raises:
        DualtrackError: What the work, or the queue, refuses.
    """
    known = (__version__, load_book().digest(), work.__module__, work.__qualname__)
    key = content_key(*known, *map(str, arguments))
    return await answered(request, key, work, *arguments)


def _query(text: str) -> str:
    if len(text) > LONGEST_QUERY:
        raise DataFault(f"The search has {len(text):,} letters. Wanted: at most {LONGEST_QUERY}.")
    return text


def _page(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise DataFault(f"{text[:40]!r} is no page of the list. Wanted: a whole number from 1.")
    return int(text)


# How each field is read, and what is meant without it.
_FIELDS: Final[Mapping[Name, tuple[Callable[[str], Any], Any]]] = {
    "q": (_query, ""),
    "known_by": (parse_date, None),
    "on": (parse_day, None),
    "page": (_page, 1),
}
