"""Which orders the rules bar, and by which rule: asked once for each different chip, buyer, destination and use.

What an order book does not say (certificates, licence, clearance) is taken as it would help the order: the book is
of orders whose papers are in hand or will be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from dualtrack.decide.gates import UNDETERMINED, deciding_rules, gate_outcomes
from dualtrack.decide.question import orders_question
from dualtrack.entities import Order
from dualtrack.rules import Rulebook

SUBJECTS: Final = ("us.export", "china.import")


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a kind of order: the rule that bars it, and whether unpublished figures leave it open."""

    barred_by: str | None
    is_open: bool


def verdicts(
    rulebook: Rulebook, kinds: Sequence[Order], law: Mapping[str, Any], china_gate: int, on: date
) -> tuple[Verdict, ...]:
    """Whether each kind may go; where it may not, the first rule that is as strict as the outcome, of the first gate.

    Args:
        kinds: Orders that differ in what the rules ask about; their units do not matter.
        law: The numbers of the rules.
        china_gate: Index into CHINA_STATES.
        on: The day on which a buyer's approval counts.
    """
    question = orders_question(kinds, law, china_gate, on)
    barred: list[str | None] = [None] * len(kinds)
    is_open = [False] * len(kinds)
    for subject in SUBJECTS:
        found = gate_outcomes(rulebook, subject, question)
        rank, shut = (np.broadcast_to(one, len(kinds)) for one in (found.rank, found.barred))
        rules = deciding_rules(rulebook, subject, question, rank)
        for place in range(len(kinds)):
            is_open[place] |= bool(rank[place] == UNDETERMINED)
            if shut[place] and barred[place] is None:
                barred[place] = rules[place]
    return tuple(Verdict(rule, here) for rule, here in zip(barred, is_open, strict=True))
