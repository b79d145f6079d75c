from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.rules import Amendment, Environment, Rulebook, Unpublished

FEBRUARY = date(2026, 2, 1)
RATIONED, QUOTA = 1, 2
GATES = np.arange(4)


def counted(ratio_weight=1.0, cleared=0.0, credit=0.0, gate=QUOTA) -> dict[str, object]:
    return {
        "china.gate": gate,
        "order.ratio_weight": ratio_weight,
        "buyer.ratio_cleared": cleared,
        "buyer.ratio_credit": credit,
    }


def on_february(rulebook: Rulebook, **values: float) -> dict[str, object]:
    named = {f"china.{name.replace('__', '.')}": value for name, value in values.items()}
    return {**rulebook.amended(Amendment("test", named, "a test")).parameters_on(FEBRUARY)}


def test_a_tranche_binds_each_firm_while_rationed(rulebook: Rulebook):
    values = on_february(rulebook, tranche__units=5000)
    fields = {"china.gate": GATES, "buyer.cleared_this_month": np.array([[0.0], [4000.0], [6000.0]])}
    units = rulebook.limit("china.tranche").headroom(Environment(fields, values))
    assert units[:, RATIONED].tolist() == [5000, 1000, 0]
    assert np.isinf(np.delete(units, RATIONED, axis=1)).all()


def test_batches_bind_in_total_while_in_quota(rulebook: Rulebook):
    fields = {
        "china.gate": GATES,
        "china.cleared_of_batches": 150_000.0,
        "china.batches_released_units": 400_000.0,
    }
    units = rulebook.limit("china.batch_quota").headroom(Environment(fields, on_february(rulebook)))
    assert units.tolist() == [np.inf, np.inf, 250_000, np.inf]


def test_the_ratio_lets_in_as_much_as_the_credit_covers(rulebook: Rulebook):
    values = on_february(rulebook, ratio__required=2.0)
    fields = counted(cleared=100.0, credit=np.array([150.0, 200.0, 260.0]))
    units = rulebook.limit("china.domestic_ratio").headroom(Environment(fields, values))
    assert units.tolist() == [0, 0, 30]


def test_the_ratio_binds_while_rationed_only_where_it_binds_everywhere(rulebook: Rulebook):
    limit = rulebook.limit("china.domestic_ratio")
    fields = counted(gate=GATES, credit=10.0)
    batches_only = limit.headroom(Environment(fields, on_february(rulebook, ratio__required=1.0)))
    everywhere = on_february(rulebook, ratio__required=1.0, ratio__everywhere=1)
    assert batches_only.tolist() == [np.inf, np.inf, 10, np.inf]
    assert limit.headroom(Environment(fields, everywhere)).tolist() == [np.inf, 10, 10, np.inf]


def test_a_ratio_of_zero_asks_for_nothing(rulebook: Rulebook):
    values = on_february(rulebook, ratio__required=0.0)
    units = rulebook.limit("china.domestic_ratio").headroom(Environment(counted(cleared=100.0), values))
    assert units == np.inf


def test_the_ratio_must_be_given_where_it_is_asked(rulebook: Rulebook):
    values = rulebook.parameters_on(FEBRUARY)
    limit = rulebook.limit("china.domestic_ratio")
    assert limit.headroom(Environment(counted(gate=3), values)) == np.inf
    with pytest.raises(Unpublished, match=r"china\.ratio\.required"):
        limit.headroom(Environment(counted(), values))


@given(
    st.floats(0.01, 5),
    st.floats(0.01, 3e4),
    st.floats(0, 1e6),
    st.floats(0, 1e9),
)
def test_clearing_the_headroom_uses_up_the_credit_and_no_more(
    rulebook: Rulebook, ratio, weight, units_cleared, credit
):
    fields = counted(weight, weight * units_cleared, credit)
    values = on_february(rulebook, ratio__required=ratio)
    units = float(rulebook.limit("china.domestic_ratio").headroom(Environment(fields, values)))
    owed = ratio * weight * (units_cleared + units)
    assert owed == pytest.approx(max(credit, ratio * weight * units_cleared), rel=1e-9)
