"""What the model does not know or leaves out: said beside its results, with the run's own numbers where there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report.headline import Document
from dualtrack.report.numbers import interval, short


def limits(document: Document, settings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Each limit: what it is about, and what a reader must not conclude."""
    uncertain = sum(1 for row in settings if row["uncertain"])
    assumed = sum(1 for row in settings if row["assumption"])
    unsourced = sum(1 for row in settings if not row["facts"])
    late = sum(1 for row in document["sources"] if row["hindsight"])
    smuggled = document["opening"]["china_smuggled_h100e"]
    return [
        (
            "The gates rest on few events.",
            f"{_events(document)} Rates counted from so few events are wide by construction, and each path draws its "
            "own; they are no "
            "forecast of what a government intends.",
        ),
        (
            "No ratio was ever published.",
            "The domestic ratio, what it counts and when it falls due are priors, marked as such in the table of "
            "assumptions.",
        ),
        (
            "Chinese rules are known from the press only.",
            "No text of the customs hold, the tranches, the batches or the ratio was public; reports conflict, and "
            "the run draws between them.",
        ),
        (
            "Many inputs are judgements.",
            f"Of {len(settings)} settings, {uncertain} are uncertain, {assumed} rest in part on an assumption and "
            f"{unsourced} on no source at all. "
            "The intervals cover the ranges of the inputs, not errors in the model's form.",
        ),
        (
            "Prices do not answer.",
            "The import price, domestic prices and the levy's pass-through are drawn once per path; a shortage "
            "raises no price, and no vendor bids.",
        ),
        (
            "Buyers are groups.",
            "Beside three large firms there are three aggregates; trades between buyers, and purchases in a group's "
            "name for another, are left out.",
        ),
        (
            "What is smuggled is hardly known.",
            f"The estimates span factors: {interval(smuggled, 'h100e')} H100-equivalents at the start (80 % "
            "interval). Every comparison of totals inherits that width.",
        ),
        (
            "H100-equivalents count arithmetic.",
            "Compute is added by dense 8-bit rate. Memory bandwidth, interconnect, software and whether a cluster "
            "can train a large model are not in it.",
        ),
        (
            "A stop is counted one month ahead.",
            "The cost of a stop is what stands exposed at a month's end; later effects, on trust and on designs, are "
            "left out.",
        ),
        (
            "What was known when.",
            f"The run uses what was known by {document['known_by']}"
            + (
                f"; {late} facts about the state on or before that day were published later and set opening stocks "
                "only. They are marked in the sources."
                if late
                else "; none of its facts was published later."
            ),
        ),
    ]


def _events(document: Document) -> str:
    parts = []
    for gate, name in (("us", "US"), ("china", "Chinese")):
        found = document["manifest"].get("hazards", {}).get(gate)
        if found:
            parts.append(
                f"the {name} gate has {_count(found['closings'], 'closing')} in {short(found['months_open'])} open "
                "months and "
                f"{_count(found['openings'], 'opening')} in {short(found['months_shut'])} shut months"
            )
    return f"In the record, {'; '.join(parts)}." if parts else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
