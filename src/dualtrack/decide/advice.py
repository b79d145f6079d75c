"""What would change a decision, and what its reader should know about it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dualtrack.decide.answer import GATES, Gate, outcome_name
from dualtrack.decide.declarations import declarable, short_name
from dualtrack.decide.gates import gate_outcomes
from dualtrack.decide.headroom import Headroom
from dualtrack.decide.ledger import Ledger
from dualtrack.decide.question import Law, order_question
from dualtrack.entities import Order
from dualtrack.rules.fields import chip_fields, chip_spans
from dualtrack.rules.labels import label_of
from dualtrack.rules.wording import sentence_case


def changes(
    order: Order,
    law: Law,
    gates: Mapping[str, Gate],
    exceeded: Sequence[Headroom],
    open_rooms: Sequence[Headroom],
) -> list[str]:
    """What is missing; of an order that may not ship, what alone would lift a bar.

    Args:
        exceeded: Limits under which the order does not fit, and `open_rooms` those under which it may not.
    """
    said = []
    if exceeded or any(gate.barred for gate in gates.values()):
        said += [sentence for name in gates for sentence in _turned(order, law, name, gates[name])]
    else:
        asked = [_asked(name) for gate in gates.values() for name in gate.missing]
        if asked:
            said.append(f"missing: {'; '.join(dict.fromkeys(asked))}")
        said += [f"whether it fits under {room.limit.id} is open: {room.basis}" for room in open_rooms]
    said += [f"at most {room.high or 0:,.0f} units fit under {room.limit.id}" for room in exceeded]
    return list(dict.fromkeys(said))


def _asked(name: str) -> str:
    label = label_of(name)
    return label.ask or (label.label if label.label != name else f"whether {label.yes}")


def _turned(order: Order, law: Law, name: str, gate: Gate) -> Iterator[str]:
    """Answers against the order that, given the other way, would make the outcome another one."""
    fields = order_question(order, law).fields
    for field in declarable():
        answer, wanted = fields[field], label_of(field).wanted
        if answer is None or bool(answer) == wanted:
            continue
        declared = replace(order, declarations={**order.declarations, field: wanted})
        other = gate_outcomes(law.rulebook, GATES[name], order_question(declared, law))
        outcome = outcome_name(law, GATES[name], other)
        if outcome != gate.outcome:
            word = "yes" if wanted else "no"
            yield f"{short_name(field)}={word} would make it {outcome.replace('_', ' ')} ({GATES[name]})"


def notes(order: Order, law: Law, gates: Mapping[str, Gate], ledger: Ledger, licensed: float) -> list[str]:
    """Later dates, chips of later days, estimates across a line, and what the ledger said."""
    said = [law.note] if law.note else []
    if order.chip.known_by > law.on:
        said.append(
            f"{order.chip.name} was announced in {order.chip.announced}, after this day: the law of the day is held "
            "against the figures known later."
        )
    spans, middles = chip_spans(order.chip), chip_fields(order.chip)
    for name in dict.fromkeys(name for gate in gates.values() for name in gate.missing if name in spans):
        what, (low, high) = sentence_case(_asked(name)), spans[name]
        if middles[name] is None:
            said.append(f"{what} is not published, and the answer hangs on it.")
        else:
            said.append(
                f"{what} is an estimate, {low:,.6g} to {high:,.6g}, with a line of the rules in between; the answer "
                f"is that of {middles[name]:,.6g}."
            )
    if ledger.later:
        entries = "entry" if ledger.later == 1 else "entries"
        said.append(f"{ledger.later} ledger {entries} after {law.on} left out.")
    if licensed:
        said.append(f"By the ledger a licence still covers {licensed:,.0f} units for this buyer.")
    return said
