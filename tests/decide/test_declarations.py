from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide import samples
from tests.decide.orders import EVERYTHING, MILDEST_FIRST, law, order

from dualtrack.decide.decision import GATES, Decision, decide
from dualtrack.decide.declarations import declarable, find_declaration, read_declarations, short_name
from dualtrack.errors import ScenarioFault
from dualtrack.rules.labels import label_of, labels


def strictness(decision: Decision) -> dict[str, int]:
    """How strict each gate and the whole are; a gate left open by a figure of the chip has no place."""
    rulebook = decision.law.rulebook
    ranks = {
        name: rulebook.subject(subject).rank(decision.gates[name].outcome)
        for name, subject in GATES.items()
        if decision.gates[name].outcome != "undetermined"
    }
    return {**ranks, "together": MILDEST_FIRST.index(decision.together)}


@settings(max_examples=25, deadline=None)
@given(
    samples.days,
    samples.chips,
    samples.buyers,
    samples.destinations,
    samples.end_uses,
    samples.declarations,
    st.sampled_from(declarable()),
)
def test_an_answer_that_helps_is_never_stricter_and_none_lies_between(
    day, chip, buyer, destination, end_use, said, name
):
    def strict(answer):
        answers = {field: word for field, word in said.items() if field != name}
        if answer is not None:
            answers[name] = answer
        put = order(chip, buyer, destination=destination, end_use=end_use, declarations=answers)
        return strictness(decide(put, law(day), us_units=1000))

    wanted = label_of(name).wanted
    helped, left_out, against = strict(wanted), strict(None), strict(not wanted)
    for what in helped.keys() & against.keys():
        assert helped[what] <= against[what], what
    # What is known of the buyer stands in for what is not declared, so that it is one of the two.
    known = left_out in (helped, against)
    for what in helped.keys() & against.keys() & left_out.keys():
        assert known or helped[what] <= left_out[what] <= against[what], what


@settings(max_examples=30, deadline=None)
@given(samples.days, samples.chips, samples.buyers, samples.destinations, samples.declarations)
def test_declaring_all_that_is_missing_as_it_helps_leaves_nothing_to_declare(
    day, chip, buyer, destination, said
):
    put = order(chip, buyer, destination=destination, declarations=said)
    before = decide(put, law(day), us_units=1000)
    missing = {field for gate in before.gates.values() for field in gate.missing if field in EVERYTHING}
    answers = {**said, **{field: EVERYTHING[field] for field in missing}}
    after = decide(order(chip, buyer, destination=destination, declarations=answers), law(day), us_units=1000)
    assert not [field for gate in after.gates.values() for field in gate.missing if field in EVERYTHING]
    assert {name: gate.outcome for name, gate in after.gates.items()} == {
        name: gate.outcome for name, gate in before.gates.items()
    }


def test_every_name_and_alias_finds_one_field():
    named: dict[str, str] = {}
    for field in declarable():
        for name in (field, short_name(field), *label_of(field).aliases):
            assert named.setdefault(name, field) == field, name
            assert find_declaration(name) == field
            assert find_declaration(f" {name.upper().replace('_', '-')} ") == field


def test_everything_declarable_asks_for_something_in_words():
    assert len(declarable()) > 20
    for field in declarable():
        assert labels()[field].yes and labels()[field].no


@pytest.mark.parametrize("word", ["yes", "Y", "true", "1", " YES "])
def test_yes_in_several_spellings(word):
    assert read_declarations([f"kyc={word}"]) == {"order.kyc": True}


@pytest.mark.parametrize("word", ["no", "N", "false", "0"])
def test_no_in_several_spellings(word):
    assert read_declarations([f"kyc={word}"]) == {"order.kyc": False}


def test_the_last_answer_of_a_name_holds_whatever_it_was_called():
    said = read_declarations(["kyc=no", "third_party_test=no", "know-your-customer=yes"])
    assert said == {"order.kyc": True, "order.third_party_test": False}


def test_all_faults_are_told_at_once():
    with pytest.raises(ScenarioFault) as refused:
        read_declarations(["kyc", "kyc=perhaps", "kycs=yes", "=yes"])
    text = str(refused.value)
    assert "(4 faults)" in text
    assert "wanted kyc=yes or kyc=no" in text
    assert "Did you mean 'kyc'?" in text
