"""The page of one rule or limit, in a terminal and in the guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dualtrack.report.sections import FINDING_MARKS, Section, markdown, words
from dualtrack.rules.labels import number_text


def rule_sections(document: dict[str, Any]) -> list[Section]:
    """Sentence, dates, parameters with their history, amendments, example, sources."""
    return [
        rule_head(document),
        *_parameters(document),
        amendments_section(document),
        *example_sections(document),
        _sources(document),
    ]


def list_sections(rows: list[dict[str, Any]]) -> list[Section]:
    """Every rule and limit by subject."""
    sections = []
    for kind, subject in dict.fromkeys((row["kind"], row["subject"]) for row in rows):
        shown = [row for row in rows if (row["kind"], row["subject"]) == (kind, subject)]
        cells = tuple(
            (row["id"], *((words(row["outcome"]),) if kind == "rule" else ()), dates(row["in_force"]))
            for row in shown
        )
        header = ("rule", "outcome", "in force") if kind == "rule" else ("limit", "in force")
        sections.append(Section(group_title(kind, subject), (), header, cells, whole=(0,)))
    return sections


def group_title(kind: str, subject: str) -> str:
    """The heading over the rules of a subject, or the limits of a gate."""
    return f"Rules of {subject}" if kind == "rule" else f"Limits of the {subject} gate"


def guide_pages(documents: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The guide's pages by file name: one for each subject and gate, and a list of all."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        name = document["subject"] if document["kind"] == "rule" else f"{document['subject']}.limits"
        groups.setdefault(name, []).append(document)
    pages = {}
    index = [
        "# The rules",
        "",
        "Every rule and limit of the engine, made from the very trees that decide an order, share out a stock and run the",
        "simulation. `dualtrack explain RULE` prints the same at the terminal; `dualtrack check --write` brings these pages up to date.",
        "",
    ]
    for name, group in groups.items():
        file = f"{name.replace('.', '-')}.md"
        index += [f"## [{name}]({file})", ""]
        index += [f"- `{each['id']}`: {dates(each['in_force'])}" for each in group]
        index.append("")
        parts = [markdown(rule_sections(each), level=2) for each in group]
        pages[file] = f"# {name}\n\nMade by `dualtrack check --write`.\n\n" + "\n".join(parts)
    return {"README.md": "\n".join(index), **pages}


def dates(periods: list[dict[str, str | None]]) -> str:
    """Periods in words."""
    if not periods:
        return "as the state of the gate says"
    return "; ".join(
        f"{each['from']} to {each['to']}" if each["to"] else f"from {each['from']}" for each in periods
    )


def rule_head(document: dict[str, Any]) -> Section:
    """The rule as a sentence, when it is in force, and where it is cited."""
    text = [document["sentence"]]
    text.append(f"In force: {dates(document['in_force'])}. Numbers as of {document['as_of']}.")
    if document.get("lies_over"):
        text.append("It lies over the other rules of its subject; the strictest outcome holds.")
    if document.get("steps"):
        text.append(f"What the order then still takes: {'; '.join(document['steps'])}.")
    text.append(f"Cited: {document['citation']}.")
    kind = f"{words(document['outcome'])}" if document["kind"] == "rule" else document["what"]
    return Section(f"{document['id']}: {kind}", tuple(text))


@dataclass(frozen=True)
class ParameterRow:
    """One value of a rule's parameter; the parameter is named in its first row only."""

    parameter: str
    what: str
    value: str
    in_force: str
    facts: tuple[str, ...]
    reason: str


def parameter_rows(document: dict[str, Any]) -> list[ParameterRow]:
    """Every parameter with its history."""
    rows = []
    for parameter in document["parameters"]:
        name, what = parameter["id"], parameter["what"]
        if not parameter["history"]:
            why = "never published" if parameter["unpublished"] else "not known yet"
            rows.append(ParameterRow(name, what, why, "", (), parameter["unpublished"] or ""))
        for entry in parameter["history"]:
            value = _value(entry["value"], parameter["unit"])
            reason = "" if entry["facts"] else f"assumption: {entry['assumption']}"
            rows.append(ParameterRow(name, what, value, dates([entry]), tuple(entry["facts"]), reason))
            name = what = ""
    return rows


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "no limit"
    if unit == "switch":
        return "yes" if value else "no"
    return number_text(value, unit)


def _parameters(document: dict[str, Any]) -> list[Section]:
    rows = tuple(
        (row.parameter, row.value, row.in_force, ", ".join(row.facts) or row.reason)
        for row in parameter_rows(document)
    )
    return [Section("Parameters", (), ("parameter", "value", "in force", "source"), rows)] if rows else []


def amendments_section(document: dict[str, Any]) -> Section:
    """What changes the rule's parameters."""
    rows = tuple((each["by"], each["parameter"], each["how"]) for each in document["amended_by"])
    if not rows:
        return Section("Amended by", ("No shipped scenario, gate state or key changes it.",))
    return Section("Amended by", (), ("what", "parameter", "how"), rows)


def example_sections(document: dict[str, Any]) -> list[Section]:
    """The worked example; none where no order of the catalogue is decided by the rule as known then."""
    return [_example(document)] if document["example"] else []


def _example(document: dict[str, Any]) -> Section:
    example = document["example"]
    if document["kind"] == "limit":
        counts = [f"{name} {number_text(value)}" for name, value in example["counts"].items()]
        counts += [f"{name} {number_text(value)}" for name, value in example["parameters"].items()]
        said = f"Say, on {example['on']} and for {example['chip']}: {'; '.join(counts)}. Then {number_text(example['units'])} units still fit."
        return Section("Worked example, with round counts", (said,))
    said = f"{example['order']}, on {example['on']}"
    if example["with"]:
        said += f", where {'; '.join(example['with'])}"
    rows = tuple(
        (
            FINDING_MARKS[found["holds"]],
            found["text"],
            "" if found["margin"] is None else number_text(round(found["margin"], 2)),
        )
        for found in example["findings"]
    )
    text = (
        f"{said}; what is not said is taken as it helps the order. The outcome is {words(example['outcome'])}:",
    )
    return Section("Worked example", text, ("", "finding", "margin"), rows, (2,))


def _sources(document: dict[str, Any]) -> Section:
    rows = tuple((row["fact"], str(row["publisher"]), row["confidence"]) for row in document["sources"])
    return Section("Sources", (), ("fact", "publisher", "confidence"), rows, whole=(0,))
