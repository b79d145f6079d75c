from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sample_orders import order_fields, outcome

from dualtrack.rules import Environment, Rulebook
from dualtrack.rules.china_import import BARRED_CLASS


@pytest.mark.parametrize("name", BARRED_CLASS.fields())
def test_each_barred_class_is_refused_from_8_january_2026(rulebook: Rulebook, name: str):
    changes = {name.replace(".", "__"): True}
    assert outcome(rulebook, "china.import", date(2026, 1, 6), **changes) == "no_restriction"
    assert outcome(rulebook, "china.import", date(2026, 1, 7), **changes) == "held"
    assert outcome(rulebook, "china.import", date(2026, 1, 8), **changes) == "refused"


def test_every_order_has_one_outcome_on_every_date_on_which_anything_changes(rulebook: Rulebook):
    yes_no = [False, True]
    grid = np.meshgrid(range(4), yes_no, yes_no, yes_no, yes_no, yes_no, [2368.0, 15832.0], indexing="ij")
    gate, funded, linked, unmet, approved, enters, tpp = grid
    fields = order_fields(
        china__gate=gate,
        buyer__state_funded=funded,
        buyer__military_links=linked,
        buyer__import_approved=approved,
        order__need_unmet_at_home=unmet,
        order__enters_mainland=enters,
        chip__tpp=tpp,
    )
    for day in rulebook.dates:
        environment = Environment(fields, rulebook.parameters_on(day))
        ranks = rulebook.outcome("china.import", environment)
        assert ranks.min() >= 0
        assert (ranks[(gate == 0) & enters & (tpp > 4800)] >= 2).all()
        rules = [rule for rule in rulebook.rules_of("china.import") if not rule.overlay]
        reached = sum(rule.holds(environment).astype(int) for rule in rules)
        assert (np.broadcast_to(reached, gate.shape) == 1).all(), day
