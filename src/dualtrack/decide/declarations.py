"""What an order may declare: the yes-or-no fields of the rules, by their names and aliases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from dualtrack.errors import Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.rules.labels import label_of, labels

YES = ("yes", "y", "true", "1")
NO = ("no", "n", "false", "0")


@lru_cache(maxsize=1)
def declarable() -> tuple[str, ...]:
    """The fields that an order may declare, in the order of the labels."""
    return tuple(name for name, label in labels().items() if label.ask)


def short_name(field: str) -> str:
    """The name under which a field is declared: `order.kyc` is `kyc`."""
    return field.rpartition(".")[2]


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for field in declarable():
        for name in (field, short_name(field), *label_of(field).aliases):
            names[name] = field
    return names


def find_declaration(name: str) -> str | None:
    """The field of that name, short name or alias; None where there is none."""
    return _names().get(name.strip().lower().replace("-", "_"))


def unknown_declaration(name: str) -> str:
    """What to say about a name that is none."""
    shown = ", ".join(short_name(field) for field in declarable())
    return f"there is no declaration {name!r}.{nearest(name, _names())} Known: {shown}."


def yes_or_no(text: object) -> bool | None:
    """The answer; None where it is neither."""
    word = str(text).strip().lower()
    return True if word in YES else False if word in NO else None


def read_declarations(given: Sequence[str]) -> dict[str, bool]:
    """Answers by field, from `NAME=yes` and `NAME=no`; the last of a name holds.

    Raises:
        ScenarioFault: A name is unknown, or an answer is neither yes nor no; all are listed.
    """
    answers, faults = gather_declarations(given)
    raise_gathered(faults, ScenarioFault, "A declaration cannot be read.")
    return answers


def gather_declarations(given: Sequence[str]) -> tuple[dict[str, bool], list[Fault]]:
    """As `read_declarations`, with the faults handed back, for a caller that has more to check."""
    answers: dict[str, bool] = {}
    faults = []
    for text in given:
        name, equals, word = text.partition("=")
        field, answer = find_declaration(name), yes_or_no(word)
        if field is None:
            faults.append(Fault(unknown_declaration(name.strip()), key="--declare", about="declare"))
        elif not equals or answer is None:
            what = f"{text!r}: wanted {name.strip()}=yes or {name.strip()}=no."
            faults.append(Fault(what, key="--declare", about=short_name(field)))
        else:
            answers[field] = answer
    return answers, faults
