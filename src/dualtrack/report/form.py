"""A chart in two parts: its form, which altair makes once for each shape, and the rows that stand in it.

Making a form takes altair some fifty milliseconds, putting rows into it none. A shape is whatever the form depends on:
months, labels, titles; never a number of a run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from dualtrack.report.marks import Rows

if TYPE_CHECKING:
    import altair as alt

Form = Mapping[str, Any]
Shape = ParamSpec("Shape")
MOST_KEPT = 64


@dataclass(frozen=True)
class Chart:
    """A chart of Vega-Lite.

    Attributes:
        form: The document without rows, shared by all charts of its shape: never to be changed.
        rows: By the names under which the form asks for them.
    """

    form: Form
    rows: Mapping[str, Rows]

    def to_dict(self, validate: bool = False) -> dict[str, Any]:
        """The whole document, new at its top level only; held against Vega-Lite's schema where that is asked for."""
        document = {**self.form, "datasets": dict(self.rows)}
        if validate:
            import altair as alt

            alt.Chart.from_dict(document)
        return document


def form(make: Callable[Shape, alt.TopLevelMixin]) -> Callable[Shape, Form]:
    """Make of a function that draws with altair one that gives the form, kept by the function's arguments."""

    @functools.lru_cache(maxsize=MOST_KEPT)
    @functools.wraps(make)
    def kept(*args: Shape.args, **kwargs: Shape.kwargs) -> Form:
        # Every part was held against the schema when it was made; the whole once more takes as long as drawing it.
        return make(*args, **kwargs).to_dict(validate=False)

    return cast("Callable[Shape, Form]", kept)
