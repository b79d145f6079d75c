"""Runs tests/cases: a sentence, a date, an order, and what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_orders import order_fields

from dualtrack.rules import Environment, Rulebook
from dualtrack.yaml_files import load_document

CASES = Path(__file__).parent.parent / "cases"
SUBJECTS = {
    "us_export": "us.export",
    "us_tariff": "us.tariff",
    "us_arrangement": "us.arrangement",
    "china_import": "china.import",
}


def cases() -> list[object]:
    return [
        pytest.param(subject, case, id=f"{name}: {case['case']}")
        for name, subject in SUBJECTS.items()
        for case in load_document(CASES / f"{name}.yaml").data
    ]


@pytest.mark.parametrize(("subject", "case"), cases())
def test_case(rulebook: Rulebook, subject: str, case: dict):
    order = dict(case["order"])
    fields = order_fields(order.pop("chip", "nvidia.h200_sxm")) | order
    environment = Environment(fields, rulebook.parameters_on(case["on"]))
    rank = int(rulebook.outcome(subject, environment))
    assert rulebook.subject(subject).outcomes[rank] == case["expect"]["outcome"]
    reasons = [rule.id for rule in rulebook.reasons(subject, environment)]
    assert reasons == case["expect"]["because"]
