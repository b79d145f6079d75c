"""Runs tests/cases/orders.yaml: a sentence, a date, an order, and what is expected of the whole decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.decide.orders import decided_as_read

from dualtrack.decide.decision import LICENCE
from dualtrack.yaml_files import load_document

CASES: list[dict[str, Any]] = load_document(Path(__file__).parent.parent / "cases" / "orders.yaml").data
EXPECTED = {"us", "china", "together", "needs", "needs_among", "limits", "levy_usd", "share_usd"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['on']}: {case['case']}")
def test_case(case: dict[str, Any]):
    decision = decided_as_read(case["order"], str(case["on"]))
    expected = case["expect"]
    assert set(expected) <= EXPECTED
    for gate in ("us", "china"):
        if gate in expected:
            assert decision.gates[gate].outcome == expected[gate], gate
    if "together" in expected:
        assert decision.together == expected["together"], decision.needs
    # What holds of every order.
    assert bool(decision.needs) == (decision.together == "needs")
    licensed = decision.order.declarations.get(LICENCE) is True
    if decision.gates["us"].outcome in ("case_by_case", "licence_required") and not licensed:
        assert decision.together != "may_ship"
    if "needs" in expected:
        assert sorted(decision.needs) == sorted(expected["needs"])
    if "needs_among" in expected:
        assert set(expected["needs_among"]) <= set(decision.needs)
    if "limits" in expected:
        assert [room.limit.id for room in decision.headroom] == expected["limits"]
    if "levy_usd" in expected:
        assert decision.levy.due_usd == pytest.approx(expected["levy_usd"])
    if "share_usd" in expected:
        assert decision.levy.share_usd == pytest.approx(expected["share_usd"])


def test_cases_are_sentences_each_its_own():
    named = [(str(case["on"]), case["case"]) for case in CASES]
    assert len(set(named)) == len(named)
