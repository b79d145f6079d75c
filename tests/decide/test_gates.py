from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from tests.decide import samples
from tests.decide.orders import decided, firm, law, mine, order

from dualtrack.decide.decision import GATES
from dualtrack.decide.declarations import declarable
from dualtrack.decide.gates import UNDETERMINED, Question, gate_outcomes
from dualtrack.decide.question import order_question
from dualtrack.rules import Environment, Span
from dualtrack.rules.labels import label_of

BANDWIDTHS = {"memory_bandwidth_gbps": 3000, "interconnect_gbps": 100}


def outcomes(chip, subject="us.export", on="2024-06-01", **more):
    return gate_outcomes(law(on).rulebook, subject, order_question(order(chip, **more), law(on)))


@settings(max_examples=100, deadline=None)
@given(samples.days, samples.chips, samples.buyers, samples.destinations, samples.end_uses)
def test_with_everything_known_the_outcome_is_that_of_the_rulebook(day, chip, buyer, destination, end_use):
    the_law = law(day)
    question = order_question(
        order(chip, buyer, destination=destination, end_use=end_use),
        the_law,
    )
    fields = question.helped()
    if any(fields[name] is None for name in fields):
        return
    environment = Environment(fields, the_law.parameters)
    for subject in the_law.rulebook.subjects:
        found = gate_outcomes(the_law.rulebook, subject.id, question)
        if int(found.rank) != UNDETERMINED:
            assert int(found.rank) == int(the_law.rulebook.outcome(subject.id, environment))


def test_an_unpublished_figure_leaves_the_outcome_open_where_it_hangs_on_it():
    found = outcomes(mine({"dense_tflops": {"fp8": 300}, **BANDWIDTHS}))
    assert int(found.rank) == UNDETERMINED
    assert set(found.missing) == {"chip.performance_density"}
    assert not found.barred


def test_an_unpublished_figure_does_not_matter_where_another_settles_it():
    denied = decided(mine({"dense_tflops": {"fp8": 600}}), on="2024-06-01")
    assert denied.gates["us"].outcome == "presumption_of_denial"
    assert denied.gates["us"].missing == ()
    free = decided(mine({"dense_tflops": {"fp8": 100}, **BANDWIDTHS}), on="2024-06-01")
    assert free.gates["us"].outcome == "not_controlled"
    assert free.together == "may_ship"


def test_nothing_known_of_a_chip_is_open_at_every_gate():
    decision = decided(mine({}))
    assert {gate.outcome for gate in decision.gates.values()} == {"undetermined"}
    assert decision.together == "needs"
    assert {"tpp", "performance_density", "dram_bandwidth_gbps"} <= set(decision.needs)


def test_an_estimate_that_straddles_a_line_is_decided_by_its_middle_and_says_so():
    decision = decided("MI308X", on="2024-06-01", declare={"notice": True})
    assert decision.gates["us"].outcome == "exception_nac"
    assert decision.needs == ("tpp", "performance_density")
    notes = " ".join(decision.notes)
    assert "3,312 to 4,800" in notes
    assert "the answer is that of 3,312" in notes


def test_an_estimate_on_one_side_of_every_line_says_nothing():
    decision = decided("MI325X", on="2024-06-01")
    assert decision.gates["us"].missing == ()
    assert not [note for note in decision.notes if "estimate" in note]


@pytest.mark.parametrize("chip", ["intel.gaudi3_hl328", "intel.gaudi3_hl388"])
def test_the_cut_down_gaudi_hangs_on_a_density_nobody_published(chip):
    decision = decided(chip, on="2024-06-01")
    assert decision.gates["us"].outcome == "undetermined"
    assert decision.together == "needs"
    assert "performance_density" in decision.needs
    assert any("is not published, and the answer hangs on it" in note for note in decision.notes)


def test_an_owner_share_left_open_is_asked_for_while_the_affiliates_rule_holds():
    decision = decided("L20", firm(listed_owner_share=None), on="2025-10-15")
    assert decision.gates["us"].outcome == "not_controlled"
    assert decision.needs == ("listed_owner_share",)
    assert decided("L20", firm(listed_owner_share=None), on="2025-11-10").together == "may_ship"


@settings(max_examples=60, deadline=None)
@given(
    samples.days,
    samples.chips,
    samples.buyers,
    samples.destinations,
    samples.end_uses,
    samples.declarations,
)
def test_no_answer_that_helps_makes_a_gate_stricter(day, chip, buyer, destination, end_use, said):
    """Three orders for each declaration that differ in it alone: as it helps, left open, and against."""
    the_law, names = law(day), declarable()
    put = order(chip, buyer, destination=destination, end_use=end_use, declarations=said)
    question = order_question(put, the_law)
    fields = {
        name: np.full((len(names), 3), np.nan if value is None else float(value))
        for name, value in question.fields.items()
    }
    for row, name in enumerate(names):
        wanted = float(label_of(name).wanted)
        fields[name][row] = (wanted, np.nan, 1 - wanted)
    spans = {
        name: Span(*(np.full((len(names), 3), float(end)) for end in span))
        for name, span in question.spans.items()
    }
    for subject in GATES.values():
        found = gate_outcomes(the_law.rulebook, subject, Question(fields, spans, question.parameters))
        rank = np.broadcast_to(found.rank, (len(names), 3))
        settled = (rank[:, 0] != UNDETERMINED) & (rank[:, 2] != UNDETERMINED)
        stricter = settled & (rank[:, 0] > rank[:, 2])
        assert not stricter.any(), (subject, np.array(names)[stricter], rank[stricter])
        assert (rank[:, 0] == rank[:, 1]).all()
        for row, name in enumerate(names):
            # What moves the outcome and is not said is missing.
            moves = settled[row] and rank[row, 0] != rank[row, 2]
            missing = np.broadcast_to(found.missing.get(name, False), rank.shape)[row, 1]
            assert missing or not moves, (subject, name)


def test_a_firm_from_elsewhere_is_never_worse_off_than_one_of_country_group_d5():
    """Band b goes to China under the notified exception, so that a licence elsewhere would be stricter."""
    abroad = {"destination": "offshore", "on": "2024-06-01"}
    for chip in samples.OWN_CHIPS[:2]:
        covered = decided(chip, firm(headquarters="SG"), declare={"headquartered_in_d5": True}, **abroad)
        free = decided(chip, firm(headquarters="SG"), declare={"headquartered_in_d5": False}, **abroad)
        ranks = law().rulebook.subject("us.export")
        assert covered.gates["us"].outcome == "exception_nac"
        assert ranks.rank(free.gates["us"].outcome) <= ranks.rank("exception_nac")


def test_orders_are_decided_together_as_each_alone():
    """Arrays of fields, one of them with a declaration left open by NaN."""
    the_law = law()
    one = order_question(order("H200"), the_law)
    kyc = np.array([1.0, 0.0, np.nan])
    many = gate_outcomes(
        the_law.rulebook,
        "us.export",
        Question({**one.fields, "order.kyc": kyc}, one.spans, one.parameters),
    )
    ranks = the_law.rulebook.subject("us.export")
    expected = ["case_by_case", "presumption_of_denial", "case_by_case"]
    assert [ranks.outcomes[rank] for rank in many.rank] == expected
    assert many.missing["order.kyc"].tolist() == [False, False, True]
    assert many.barred.tolist() == [False, True, False]
