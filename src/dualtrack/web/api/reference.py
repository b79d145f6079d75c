"""What the operations on chips, rules and facts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from dualtrack.errors import Fault, ScenarioFault, raise_gathered
from dualtrack.web.asked import Name, answer_to, read_asked


class SourceRow(BaseModel):
    """A fact in a list of sources."""

    model_config = ConfigDict(extra="forbid")

    fact: str
    what: str
    publisher: str
    title: str
    address: str | None
    published: str | None
    known_by: str
    confidence: str


async def answer_of(
    request: Request, names: Sequence[Name], work: Callable[..., bytes], *arguments: Any
) -> Response:
    """The document that the work makes of the arguments and of the address's fields of those names.

    Raises:
        ScenarioFault: A field cannot be used; all faults are listed.
        DualtrackError: What the work, or the queue, refuses.
    """
    asked = read_asked(request, *names)
    faults = [Fault(what, key=name) for name, what in asked.faults]
    raise_gathered(faults, ScenarioFault, "The request cannot be used.")
    made = await answer_to(request, work, *arguments, *asked.arguments)
    return Response(made, media_type="application/json")
