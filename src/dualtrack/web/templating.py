"""The explorer's templates, with the brief's filters."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse

from dualtrack.report.numbers import plain
from dualtrack.report.pages import raised
from dualtrack.version import __version__
from dualtrack.web.assets import asset_address
from dualtrack.web.requests import is_fragment, remember_client

PAGES = (
    ("explore", "/explore", "Explore"),
    ("compare", "/compare", "Compare"),
    ("claims", "/claims", "Claims"),
    ("decide", "/decide", "Decide"),
    ("allocate", "/allocate", "Allocate"),
    ("chips", "/chips", "Chips"),
    ("rules", "/rules", "Rules"),
    ("facts", "/facts", "Facts"),
    ("downloads", "/downloads", "Downloads"),
    ("api", "/api", "API"),
)


@cache
def environment() -> jinja2.Environment:
    """HTML is escaped, a name that is not given is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dualtrack.web", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"raised": raised, "plain": plain}
    made.globals |= {"pages": PAGES, "version": __version__, "asset": asset_address}
    return made


def page(request: Request, template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page, from `template`; the browser is given a name to take turns by."""
    text = environment().get_template(template).render(**context)
    response = HTMLResponse(text, status)
    remember_client(request, response)
    return response


def fragment(template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A part of a page."""
    return HTMLResponse(environment().get_template(template).render(**context), status)


def either(request: Request, whole: str, part: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The part where htmx asks for it, else the page around it."""
    if is_fragment(request):
        return fragment(part, status=status, **context)
    return page(request, whole, status=status, **context)
