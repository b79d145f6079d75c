"""Values of keys as `--set` takes them, in one spelling for each value."""

from __future__ import annotations

from dualtrack.entities import find_chip
from dualtrack.results.dataset import describe
from dualtrack.scenarios.keys import Key
from dualtrack.scenarios.resolve import resolve_text
from dualtrack.scenarios.specs import Spec

LAW = "law"
NONE = "none"
SWITCH = ("yes", "no")


def number_text(value: float) -> str:
    """A number as one types it after `--set`, exactly.

    >>> number_text(0.25), number_text(200_000.0)
    ('0.25', '200000')
    """
    return str(int(value)) if value == round(value) and abs(value) < 1e15 else repr(value)


def is_law(key: Key, text: str) -> bool:
    """Whether a text takes an amendment back, so that the law in force holds."""
    return key.entry.law is not None and text.strip().lower() == LAW


def set_text(key: Key, spec: Spec, chip: str) -> str | None:
    """What `--set` takes for a value; None for what cannot be typed, such as weighted alternatives.

    Args:
        chip: The chip that the channel trades, whose name is no number of the setting.
    """
    value = describe(spec, key.entry, chip)
    if value is None:
        return NONE
    if isinstance(value, bool):
        return SWITCH[0] if value else SWITCH[1]
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return ":".join(number_text(point) for point in value)
    return value if isinstance(value, str) else None


def one_spelling(key: Key, text: str) -> str:
    """A typed value in the one spelling that stands for it: `0.50` and `5e-1` are `0.5`.

    Raises:
        DualtrackError: The key does not take it.
    """
    if is_law(key, text):
        return LAW
    spec = resolve_text(key, text)
    said = set_text(key, spec, find_chip(text).id if key.kind == "chip" else "")
    assert said is not None  # what was typed can be typed
    return said
