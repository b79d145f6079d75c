"""What a reader calls the fields and switches of a rule: words and units from data/rules/labels.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from dualtrack.errors import DataFault, Fault, raise_gathered
from dualtrack.yaml_files import load_document

LABELS_FILE = Path(__file__).parent.parent / "data" / "rules" / "labels.yaml"
_KEYS = {"label", "unit", "yes", "no", "values", "ask", "wanted", "aliases", "facts"}


@dataclass(frozen=True)
class Label:
    """The words for one name: a noun for a quantity, or two sentences for a yes-or-no.

    Attributes:
        ask: What is missing while an order does not declare it; empty where it is not for declaring.
        wanted: The answer that helps an order.
        aliases: Other names by which it may be declared.
        facts: Where the condition is from.
    """

    label: str
    unit: str = ""
    yes: str = ""
    no: str = ""
    values: Mapping[float, str] = field(default_factory=dict)
    ask: str = ""
    wanted: bool = True
    aliases: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def label_of(name: str) -> Label:
    """The label of a field or parameter; a name without one stands for itself."""
    return labels().get(name) or Label(name)


@lru_cache(maxsize=1)
def labels() -> Mapping[str, Label]:
    """Every label of the package."""
    return read_labels(LABELS_FILE)


def read_labels(path: Path) -> Mapping[str, Label]:
    """Labels by name.

    Raises:
        DataFault: Entries have unknown keys, or neither a noun nor a pair of sentences.
    """
    document = load_document(path)
    entries: Mapping[str, Any] = document.data or {}
    faults = []
    read = {}
    for name, entry in entries.items():
        line = document.line((name,))
        unknown = set(entry) - _KEYS
        if unknown:
            what = f"unknown {', '.join(sorted(unknown))}. Known: {', '.join(sorted(_KEYS))}."
            faults.append(Fault(what, document.label, line, name))
        elif not ("label" in entry or ("yes" in entry and "no" in entry)):
            what = "has no words. Write `label:`, or `yes:` and `no:`."
            faults.append(Fault(what, document.label, line, name))
        else:
            named = {float(value): word for value, word in (entry.get("values") or {}).items()}
            words = {key: str(entry[key]) for key in ("unit", "yes", "no", "ask") if key in entry}
            read[name] = Label(
                str(entry.get("label", name)),
                values=named,
                wanted=bool(entry.get("wanted", True)),
                aliases=tuple(str(alias) for alias in entry.get("aliases") or ()),
                facts=tuple(str(fact) for fact in entry.get("facts") or ()),
                **words,
            )
    raise_gathered(faults, DataFault, "The labels of the rules are unsound.")
    return read


def number_text(value: float, unit: str = "") -> str:
    """A number as a reader writes it.

    >>> number_text(21000), number_text(5.92, "TPP/mm²"), number_text(float("inf"))
    ('21,000', '5.92 TPP/mm²', 'no limit')
    """
    if value == float("inf"):
        return "no limit"
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.10g}"
    return f"{text} {unit}" if unit else text
