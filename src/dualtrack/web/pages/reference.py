"""How the pages of chips, rules and facts are shown: with a form above a part that htmx replaces."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from dualtrack.errors import DualtrackError
from dualtrack.web.asked import Asked, answer_to
from dualtrack.web.requests import is_fragment
from dualtrack.web.service.faults import WRONG_INPUT, ServiceFault
from dualtrack.web.templating import fragment, page


@dataclass(frozen=True)
class Parts:
    """A page's place and templates.

    Attributes:
        name: As the navigation marks it.
        failed: What did not happen where a field has a fault.
        title: For the page of one thing.
    """

    name: str
    path: str
    whole: str
    part: str
    failed: str
    title: str = ""


async def shown(
    request: Request,
    asked: Asked,
    parts: Parts,
    context: Callable[[Any, Asked], dict[str, Any]],
    work: Callable[..., bytes],
    *arguments: Any,
) -> Response:
    """The page, or for htmx its part; faults stand beside their fields, with nothing below the form.

    Args:
        context: What the templates are given, from the document of the work.
        work: Called with the arguments and what the address asks for.

    Raises:
        ServiceFault: There is no such thing, or the service cannot answer now.
    """
    faults, answer = asked.faults, None
    if not faults:
        try:
            answer = json.loads(await answer_to(request, work, *arguments, *asked.arguments))
        except ServiceFault:
            raise
        except DualtrackError as error:
            faults = ((asked.day_field, str(error)),)
    given: dict[str, Any] = {
        "asked": asked,
        "parts": parts,
        "faults": faults,
        "errors": dict(faults),
        "is_part": is_fragment(request),
    }
    if faults:
        given |= {"text": parts.failed, "items": faults}
        if is_fragment(request):
            return fragment("fault_part.html.j2", status=WRONG_INPUT, **given)
        blank = json.loads(await answer_to(request, work, *arguments, *asked.blank))
        return page(
            request, parts.whole, status=WRONG_INPUT, page=parts.name, **given, **context(blank, asked)
        )
    given |= context(answer, asked)
    if is_fragment(request):
        response = fragment(parts.part, **given)
        # Not a new entry of the history for each letter or position of a slider.
        response.headers["HX-Replace-Url"] = asked.address(parts.path)
        return response
    return page(request, parts.whole, page=parts.name, **given)
