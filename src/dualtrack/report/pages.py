"""The templates of every page, with the filters that they share."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


@cache
def templates() -> jinja2.Environment:
    """The environment of the package's templates; HTML is escaped, a name that is not given is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dualtrack.report", "templates"),
        autoescape=lambda name: bool(name and ".html" in name),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["raised"] = raised
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment


def raised(text: object) -> Any:
    """Escaped text in which a power of ten is set as one, and a percent sign stays with its number; markup stays as it is."""
    import markupsafe

    escaped = str(markupsafe.escape(text)).replace(" %", "\N{NO-BREAK SPACE}%")
    return markupsafe.Markup(re.sub(r"×10\^(\d+)", r"×10<sup>\1</sup>", escaped))
