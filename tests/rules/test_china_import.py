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
    assert outcome(rulebook, "china.import", date(2026, 1, 7), **changes) == "no_restriction"
    assert outcome(rulebook, "china.import", date(2026, 1, 8), **changes) == "refused"


def test_every_order_has_an_outcome_on_every_date_on_which_anything_changes(rulebook: Rulebook):
    gate, funded, linked, unmet = np.meshgrid(range(4), [False, True], [False, True], [False, True])
    fields = order_fields(
        china__gate=gate,
        buyer__state_funded=funded,
        buyer__military_links=linked,
        order__need_unmet_at_home=unmet,
    )
    for day in rulebook.dates:
        ranks = rulebook.outcome("china.import", Environment(fields, rulebook.parameters_on(day)))
        assert ranks.min() >= 0
        assert (ranks[gate == 0] >= 2).all()
