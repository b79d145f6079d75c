"""The rulebook of the package: the law modules, with numbers from data/rules/*.yaml and the fact book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.months import parse_date
from dualtrack.rules import china_import, china_quota, us_arrangement, us_export, us_tariff
from dualtrack.rules.labels import LABELS_FILE, labels
from dualtrack.rules.parameters import Dated, Parameter
from dualtrack.rules.rulebook import Rulebook
from dualtrack.yaml_files import Document, load_document

RULES_FOLDER = LABELS_FILE.parent
_FILE_KEYS = ("cover_from", "parameters")
_PARAMETER_KEYS = ("what", "unit", "before", "history", "unpublished")
_ENTRY_KEYS = ("from", "to", "fact", "facts", "value", "assumption")


class Facts(Protocol):
    """What is asked of the fact book."""

    def get(self, fact_id: str, /) -> Any:
        """The fact, with `.number` and `.confidence`."""


def load_rulebook(book: Facts, folder: Path = RULES_FOLDER) -> Rulebook:
    """Every rule, limit and parameter, their numbers taken from the fact book.

    Raises:
        DataFault: A rules file is unsound; every fault of all files is listed.
    """
    parameters, cover_from = load_parameters(book, folder)
    rulebook = Rulebook(
        subjects=(us_export.SUBJECT, us_tariff.SUBJECT, us_arrangement.SUBJECT, china_import.SUBJECT),
        rules=(*us_export.RULES, *us_tariff.RULES, *us_arrangement.RULES, *china_import.RULES),
        limits=(*us_export.LIMITS, *china_quota.LIMITS),
        parameters=parameters,
        cover_from=cover_from,
    )
    raise_gathered(_citation_faults(book, rulebook), DataFault, "The law modules cite unknown facts.")
    return rulebook


def _citation_faults(book: Facts, rulebook: Rulebook) -> list[Fault]:
    faults = []
    cited = [(rule.id, rule.facts) for rule in rulebook.rules]
    cited += [(limit.id, limit.facts) for limit in rulebook.limits]
    cited += [(name, label.facts) for name, label in labels().items()]
    for owner, names in cited:
        for name in names:
            try:
                book.get(name)
            except DataFault as error:
                faults.append(Fault(str(error), key=owner))
    return faults


def load_parameters(book: Facts, folder: Path = RULES_FOLDER) -> tuple[Mapping[str, Parameter], date]:
    """The parameters in a folder of rules files, and the first day they cover."""
    reader = _Reader(book)
    for path in sorted(folder.glob("*.yaml")):
        if path.name != LABELS_FILE.name:
            reader.read(load_document(path))
    if not reader.covers and not reader.faults:
        reader.faults.append(
            Fault("nothing says from when law is covered. Write `cover_from:`.", str(folder))
        )
    raise_gathered(reader.faults, DataFault, "The rules files are unsound.")
    return reader.parameters, max(reader.covers)


@dataclass
class _Reader:
    book: Facts
    parameters: dict[str, Parameter] = field(default_factory=dict)
    covers: list[date] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def read(self, document: Document) -> None:
        data = document.data
        if not isinstance(data, dict) or not isinstance(data.get("parameters"), dict):
            self._fault(document, (), "has no `parameters:`, or they are no mapping.")
            return
        self._known_keys(document, (), data, _FILE_KEYS)
        if "cover_from" in data:
            day = self._day(document, ("cover_from",), data["cover_from"], end=False)
            self.covers += [day] if day else []
        for name, entry in data["parameters"].items():
            at = ("parameters", name)
            if not isinstance(entry, dict):
                self._fault(document, at, f"is {entry!r}. Wanted: what, unit and history.")
            elif name in self.parameters:
                self._fault(document, at, f"stands in {self.parameters[name].place} too. Keep one.")
            else:
                self.parameters[name] = self._parameter(document, name, entry)

    def _parameter(self, document: Document, name: str, entry: dict[str, Any]) -> Parameter:
        at = ("parameters", name)
        self._known_keys(document, at, entry, _PARAMETER_KEYS)
        for key in ("what", "unit"):
            if not entry.get(key):
                self._fault(document, at, f"has no `{key}:`.")
        if ("history" in entry) == ("unpublished" in entry):
            self._fault(document, at, "needs one of `history:` and `unpublished: reason`.")
        before = entry.get("before")
        if before is not None and not _is_number(before):
            self._fault(document, (*at, "before"), f"before: {before!r} is not a number.")
            before = None
        listed = entry.get("history") or []
        if not isinstance(listed, list):
            self._fault(document, (*at, "history"), "history is no list of dated values.")
            listed = []
        read = [self._dated(document, (*at, "history", index), item) for index, item in enumerate(listed)]
        history = self._in_order(document, (*at, "history"), [item for item in read if item])
        unpublished = str(entry.get("unpublished", ""))
        return Parameter(
            name, str(entry.get("what")), str(entry.get("unit")), history, before, unpublished, document.label
        )

    def _dated(self, document: Document, at: Sequence[str | int], item: Any) -> Dated | None:
        if not isinstance(item, dict) or "from" not in item:
            self._fault(document, at, "needs `from:` and a `fact:` or a `value:`.")
            return None
        self._known_keys(document, at, item, _ENTRY_KEYS)
        first = self._day(document, (*at, "from"), item["from"], end=False)
        last = self._day(document, (*at, "to"), item["to"], end=True) if item.get("to") else None
        names = [item["fact"]] if "fact" in item else list(item.get("facts", []))
        found = [self._fact(document, at, str(name)) for name in names]
        if not names and not item.get("assumption"):
            self._fault(document, at, "has no source. Name a `fact:`, or give the reason as `assumption:`.")
        value = item.get("value")
        if value is None and len(found) == 1 and found[0] is not None:
            try:
                value = found[0].number
            except DataFault as error:
                self._fault(document, at, f"{error} Write `value:` beside the fact.")
                return None
        if value is None or not _is_number(value):
            if None not in found:
                self._fault(document, at, f"value {value!r} is not a number.")
            return None
        if first is None:
            return None
        confidence = next((str(fact.confidence) for fact in found if fact is not None), "assumption")
        facts = tuple(str(name) for name in names)
        return Dated(first, last, float(value), facts, confidence, str(item.get("assumption", "")))

    def _in_order(self, document: Document, at: Sequence[str | int], read: list[Dated]) -> tuple[Dated, ...]:
        history = []
        for index, entry in enumerate(read):
            last = entry.last
            if index + 1 < len(read):
                follows = read[index + 1].first
                if follows <= entry.first or (last is not None and follows <= last):
                    what = f"the value from {entry.first} overlaps the one from {follows}."
                    self._fault(document, at, f"{what} Order them, or mend `to:`.")
                if last is None:
                    last = follows - timedelta(days=1)
            if last is not None and last < entry.first:
                self._fault(document, at, f"the value from {entry.first} ends before, on {last}.")
            history.append(replace(entry, last=last))
        return tuple(history)

    def _fact(self, document: Document, at: Sequence[str | int], name: str) -> Any:
        try:
            return self.book.get(name)
        except DataFault as error:
            self._fault(document, at, str(error))
        return None

    def _day(self, document: Document, at: Sequence[str | int], text: Any, end: bool) -> date | None:
        try:
            return parse_date(text, end=end)
        except DataFault as error:
            self._fault(document, at, str(error))
        return None

    def _known_keys(
        self, document: Document, at: Sequence[str | int], entry: dict[str, Any], known: Sequence[str]
    ) -> None:
        for key in entry:
            if key not in known:
                hint = nearest(key, known) or f" Known: {', '.join(known)}."
                self._fault(document, (*at, key), f"unknown key {key!r}.{hint}")

    def _fault(self, document: Document, at: Sequence[str | int], what: str) -> None:
        key = str(at[1]) if len(at) > 1 else None
        self.faults.append(Fault(what, document.label, document.line(at), key))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
