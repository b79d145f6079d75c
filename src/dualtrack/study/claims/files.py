"""Claims files: found, read, and made into measures that a plan knows of; all faults at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.scenarios.keys import DATA, load_keys
from dualtrack.study.claims.criterion import Criterion, parse_test
from dualtrack.study.claims.entries import (
    COMMON,
    KINDS,
    ClaimEntry,
    ClaimsEntry,
    MeasureEntry,
    OrderEntry,
    RunEntry,
)
from dualtrack.study.claims.of_facts import Reports
from dualtrack.study.claims.of_months import Event, First
from dualtrack.study.claims.of_records import Chips, Decided, Missing, RuleNumber
from dualtrack.study.claims.of_runs import Input, MonthsGained, Outcome, Stake
from dualtrack.study.claims.runs import CannotBeJudged, Plan
from dualtrack.study.claims.sample import Measure
from dualtrack.yaml_files import Document, Key, load_document

CLAIMS = DATA / "claims"
PRESS = "press-2026-01"
FORM = "a list under `claims:`, each with id, statement and about"

_MAKERS: Mapping[str, Callable[[MeasureEntry, Plan], Measure]] = {
    "outcome": Outcome.of,
    "first": First.of,
    "event": Event.of,
    "stake": Stake.of,
    "months_gained": MonthsGained.of,
    "input": Input.of,
    "chips": Chips.of,
    "fact": Reports.of,
    "decide": Decided.of,
    "parameter": RuleNumber.of,
    "missing": Missing.of,
}


@dataclass(frozen=True)
class ClaimsFile:
    """A claims file, its form checked."""

    document: Document
    entry: ClaimsEntry


@dataclass(frozen=True)
class Line:
    """One measure of a statement, ready to be evaluated.

    Attributes:
        criterion: None where it is shown only.
    """

    entry: MeasureEntry
    kind: str
    measure: Measure
    criterion: Criterion | None
    holds_at: float
    fails_at: float


@dataclass(frozen=True)
class Claim:
    entry: ClaimEntry
    lines: tuple[Line, ...]


def shipped_claims() -> list[str]:
    return sorted(path.stem for path in CLAIMS.glob("*.yaml"))


def is_claims_file(document: Document) -> bool:
    """Whether a YAML file is meant as claims rather than as a scenario."""
    return isinstance(document.data, dict) and "claims" in document.data


def find_claims(name: str) -> Path:
    """The file of shipped claims, or of a path.

    Raises:
        ScenarioFault: There is none.
    """
    shipped = CLAIMS / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    if Path(name).is_file():
        return Path(name)
    known = shipped_claims()
    raise ScenarioFault(
        f"There is no claims file {name!r}.{nearest(name, known)}\n"
        f"  Shipped: {', '.join(known)}. Or give the path of a YAML file with {FORM}."
    )


def read_claims(document: Document) -> ClaimsFile:
    """The claims of a file.

    Raises:
        ScenarioFault: It has not the form; every fault is listed.
    """
    if not isinstance(document.data, dict) or not document.data:
        seen = "is empty" if document.data in (None, {}) else "has no keys"
        raise ScenarioFault(f"{document.label} {seen}. Wanted: `title:` and {FORM}.")
    try:
        entry = ClaimsEntry.model_validate(document.data)
    except ValidationError as error:
        raise_gathered(_form_faults(error, document), ScenarioFault, f"{document.label} cannot be used.")
        raise
    faults = list(_claim_faults(entry, document))
    raise_gathered(faults, ScenarioFault, f"{document.label} cannot be used.")
    return ClaimsFile(document, entry)


def _form_faults(error: ValidationError, document: Document) -> list[Fault]:
    known = [
        *MeasureEntry.model_fields,
        *ClaimEntry.model_fields,
        *ClaimsEntry.model_fields,
        *OrderEntry.model_fields,
        *RunEntry.model_fields,
        "as",
        "except",
    ]
    faults = []
    for item in error.errors():
        place: tuple[Key, ...] = item["loc"]
        name = str(place[-1]) if place else ""
        what = {
            "extra_forbidden": f"there is no field {name!r}.{nearest(name, [k.strip('_') for k in known])}",
            "missing": "is missing",
            "model_type": f"wants fields as `name: value` lines (seen: {item['input']!r})",
        }.get(item["type"], f"{item['msg']} (seen: {item['input']!r})")
        faults.append(Fault(what, document.label, document.line(place), _named(document, place)))
    return faults


def _named(document: Document, place: Sequence[Key]) -> str:
    """The place in the file's own words: the claim by its id, the measure by its name."""
    data: Any = document.data
    words = []
    for key in place:
        if isinstance(data, list) and isinstance(key, int):
            data = data[key]
        else:
            data = data.get(key) if isinstance(data, dict) else None
        if isinstance(key, int):
            own = data.get("id") or data.get("name") if isinstance(data, dict) else None
            words.append(str(own or f"number {key + 1}"))
        elif key not in ("claims", "about"):
            words.append(str(key))
    return ", ".join(words)


def _claim_faults(entry: ClaimsEntry, document: Document) -> list[Fault]:
    """Doubled ids and names, measures of no kind or of two, fields of another kind, tests without a reason."""
    faults: list[Fault] = []

    def fault(what: str, *place: Key) -> None:
        faults.append(Fault(what, document.label, document.line(place), _named(document, place)))

    seen: dict[str, int] = {}
    for number, claim in enumerate(entry.claims):
        here = ("claims", number)
        if claim.id in seen:
            first = document.line(("claims", seen[claim.id]))
            fault(f"the id stands in line {first} already. Give each claim its own", *here, "id")
        seen.setdefault(claim.id, number)
        _check_thresholds(claim.holds_at, claim.fails_at, entry, fault, *here)
        names: set[str] = set()
        for place, measure in enumerate(claim.about):
            at = (*here, "about", place)
            if measure.name in names:
                fault("the name stands twice in this claim", *at, "name")
            names.add(measure.name)
            for what in _measure_faults(measure, claim):
                fault(what, *at)
            _check_thresholds(
                measure.holds_at if measure.holds_at is not None else claim.holds_at,
                measure.fails_at if measure.fails_at is not None else claim.fails_at,
                entry,
                fault,
                *at,
            )
        if all(measure.test is None and measure.missing is None for measure in claim.about):
            fault("none of its measures has a `test:`, so there is no verdict. Give one a test", *here)
    return faults


def _check_thresholds(
    holds_at: float | None, fails_at: float | None, entry: ClaimsEntry, fault: Any, *place: Key
) -> None:
    holds = entry.holds_at if holds_at is None else holds_at
    fails = entry.fails_at if fails_at is None else fails_at
    if fails >= holds:
        fault(f"holds_at {holds:g} is not above fails_at {fails:g}", *place)


def _measure_faults(measure: MeasureEntry, claim: ClaimEntry) -> list[str]:
    given = measure.model_fields_set
    kinds = [kind for kind in KINDS if kind in given and getattr(measure, kind) is not None]
    if len(kinds) != 1:
        seen = " and ".join(kinds) or "none"
        return [f"wants exactly one of {', '.join(KINDS)} (seen: {seen})"]
    allowed = {*COMMON, *KINDS[kinds[0]], kinds[0]}
    faults = [
        f"`{field.rstrip('_')}:` does not go with `{kinds[0]}:`"
        for field in MeasureEntry.model_fields
        if field in given and field not in allowed
    ]
    if measure.test is not None and kinds[0] == "missing":
        faults.append("`missing:` has nothing to test")
    if measure.test is not None and not (measure.because or claim.because):
        faults.append("has a test without a reason: write `because:` here or in the claim")
    return faults


def ready_claims(file: ClaimsFile, plan: Plan) -> list[Claim]:
    """Every claim with its measures, after the plan was told of all that they need.

    Raises:
        ScenarioFault: A test names nothing, or cannot be read; every fault is listed.
    """
    faults: list[Fault] = []
    claims = []
    for number, claim in enumerate(file.entry.claims):
        lines = []
        for place, entry in enumerate(claim.about):
            at: tuple[Key, ...] = ("claims", number, "about", place)
            line = _line(file, plan, claim, entry, at, faults)
            if line is not None:
                lines.append(line)
        _check_rests_on(file, plan, claim.rests_on, ("claims", number, "rests_on"), faults)
        claims.append(Claim(claim, tuple(lines)))
    raise_gathered(faults, ScenarioFault, f"{file.document.label} cannot be judged.")
    return claims


def _line(
    file: ClaimsFile,
    plan: Plan,
    claim: ClaimEntry,
    entry: MeasureEntry,
    at: tuple[Key, ...],
    faults: list[Fault],
) -> Line | None:
    document = file.document

    def fault(error: Exception, *field: Key) -> None:
        place = (*at, *field)
        faults.append(Fault(str(error), document.label, document.line(place), _named(document, place)))

    kind = next(kind for kind in KINDS if getattr(entry, kind) is not None)
    measure: Measure | None = None
    criterion = None
    try:
        measure = _MAKERS[kind](entry, plan)
    except CannotBeJudged as missing:
        measure = Missing(str(missing))
    except DualtrackError as error:
        fault(error, kind)
    try:
        criterion = None if entry.test is None else parse_test(entry.test)
        if criterion and measure and measure.answers not in ("any", criterion.kind):
            raise ScenarioFault(_WRONG_KIND[measure.answers].format(test=entry.test))
    except DualtrackError as error:
        fault(error, "test")
    _check_rests_on(file, plan, entry.rests_on, (*at, "rests_on"), faults)
    if measure is None:
        return None
    return Line(
        entry,
        kind,
        measure,
        criterion,
        _first_given(entry.holds_at, claim.holds_at, file.entry.holds_at),
        _first_given(entry.fails_at, claim.fails_at, file.entry.fails_at),
    )


_WRONG_KIND = {
    "number": "the test {test!r} wants a number, such as `> 200000` or `5 to 7`: the measure is a number",
    "month": "the test {test!r} wants a month, as `by 2027-06` or `not by 2027-06`: the measure is a month",
    "word": "the test {test!r} wants an answer of the rules, such as `is may_not_ship` or `is needs or may_ship`",
}


def _first_given(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _check_rests_on(
    file: ClaimsFile, plan: Plan, names: Sequence[str], at: tuple[Key, ...], faults: list[Fault]
) -> None:
    keys = load_keys()
    for place, name in enumerate(names):
        if name not in keys and name not in plan.book:
            hint = nearest(name, [*keys, *plan.book])
            line = file.document.line((*at, place))
            faults.append(
                Fault(f"there is no key or fact {name!r}.{hint}", file.document.label, line, "rests_on")
            )


def load_claims(name: str) -> ClaimsFile:
    """The claims file of a shipped name or a path."""
    return read_claims(load_document(find_claims(name)))
