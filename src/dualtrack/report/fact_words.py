"""A fact's value and day of knowledge as a reader wants them, in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report.numbers import plain


def amount(low: object, value: object, high: object) -> str:
    """A value, or the middle of a range with its ends.

    >>> amount(None, 1200, None), amount(0.5, 1.5, 4), amount(None, ["us_hq", 20], None), amount(None, True, None)
    ('1,200', '1.5 (0.5 – 4)', 'us_hq, 20', 'yes')
    """
    if low is not None:
        return f"{plain(value)} ({plain(low)} – {plain(high)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(amount(None, part, None) for part in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {amount(None, part, None)}" for name, part in value.items())
    return plain(value)


def known_by_text(shown: Mapping[str, Any]) -> str:
    """The day from which a fact was known, on what that rests, and whether it looks back."""
    basis = shown.get("known_by_basis")
    text = str(shown["known_by"]) + (f" ({basis})" if basis else "")
    return text + (", hindsight: may set a starting stock only" if shown.get("hindsight") else "")
