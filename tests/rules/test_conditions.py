from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.errors import DataFault
from dualtrack.rules import ALWAYS, Condition, Environment, constant, declared, field, param, switched_on
from dualtrack.rules.conditions import Named

NUMBERS = st.integers(-3, 3)
LEAVES = st.one_of(
    st.sampled_from(
        [
            field("a") < param("p"),
            field("a") <= param("p"),
            field("b") > param("q"),
            field("b") >= constant(0),
            field("a") + field("b") == param("p"),
            field("a") * 2 - field("b") != param("q"),
            declared("flag"),
            switched_on("p"),
        ]
    )
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda left, right: left & right, inner, inner),
        st.builds(lambda left, right: left | right, inner, inner),
        st.builds(lambda tree: ~tree, inner),
        st.builds(lambda tree: Named("so", "not so", tree), inner),
    ),
    max_leaves=8,
)
ORDERS = st.lists(st.tuples(NUMBERS, NUMBERS, st.booleans()), min_size=1, max_size=6)


def one(a=1.0, b=2.0, flag=True, p=3.0, q=0.0) -> Environment:
    return Environment({"a": a, "b": b, "flag": flag}, {"p": p, "q": q})


@given(TREES, ORDERS, NUMBERS, NUMBERS)
def test_the_decision_of_one_order_is_the_condition_over_many(tree: Condition, orders, p, q):
    a, b, flag = (np.array(column) for column in zip(*orders, strict=True))
    many = np.broadcast_to(tree.holds(one(a, b, flag, p, q)), len(orders))
    for index, order in enumerate(orders):
        environment = one(*order, p, q)
        assert bool(tree.holds(environment)) is bool(many[index])
        assert tree.truth(environment) is bool(many[index])


@given(TREES, NUMBERS, NUMBERS, st.booleans(), NUMBERS, NUMBERS)
def test_a_single_order_gives_an_array_without_axes(tree: Condition, a, b, flag, p, q):
    holds = tree.holds(one(a, b, flag, p, q))
    assert holds.shape == ()
    assert holds.dtype == bool


@given(TREES, st.tuples(NUMBERS, NUMBERS, st.booleans()), NUMBERS, NUMBERS)
def test_what_is_not_known_is_known_only_where_every_answer_agrees(tree: Condition, order, p, q):
    a, b, _ = order
    truth = tree.truth(one(a, b, None, p, q))
    answers = {bool(tree.holds(one(a, b, flag, p, q))) for flag in (True, False)}
    # Kleene's logic may say unknown of a tautology, but never says a thing that is not so.
    assert truth is None or answers == {truth}


@given(st.lists(LEAVES, min_size=1, max_size=5), st.tuples(NUMBERS, NUMBERS, st.booleans()), NUMBERS, NUMBERS)
def test_findings_agree_with_the_condition(leaves, order, p, q):
    environment = one(*order, p, q)
    both, either = ALWAYS, leaves[0]
    for leaf in leaves:
        both, either = both & leaf, either | leaf
    assert all(finding.holds for finding in both.findings(environment)) == bool(both.holds(environment))
    assert any(finding.holds for finding in either.findings(environment)) == bool(either.holds(environment))
    # Not all of them hold, if and only if some opposite does.
    opposites = (~both).findings(environment)
    assert any(finding.holds for finding in opposites) == bool((~both).holds(environment))


def test_a_finding_says_what_was_seen_and_asked_and_by_how_much():
    (finding,) = (field("a") < param("p")).findings(one(a=1, p=3))
    assert (finding.holds, finding.seen, finding.asked, finding.margin) == (True, 1, 3, 2)
    assert (finding.fields, finding.parameters) == (("a",), ("p",))
    (missed,) = (field("a") >= param("p")).findings(one(a=1, p=3))
    assert (missed.holds, missed.margin) == (False, -2)


def test_an_undeclared_field_leaves_a_finding_open_and_refuses_a_yes_or_no():
    tree = declared("flag")
    (finding,) = tree.findings(one(flag=None))
    assert finding.holds is None
    with pytest.raises(DataFault, match="flag is undeclared"):
        tree.holds(one(flag=None))


@pytest.mark.parametrize("join", [bool, lambda tree: tree and tree, lambda tree: not tree])
def test_a_condition_has_no_truth_of_its_own(join):
    with pytest.raises(TypeError, match=r"tree\.holds\(environment\)"):
        join(field("a") < param("p"))


def test_a_chain_of_comparisons_is_refused():
    with pytest.raises(TypeError, match=r"\(a < b\) & \(b < c\)"):
        _ = constant(0) < field("a") < param("p")


def test_a_term_is_joined_with_numbers_and_terms_only():
    with pytest.raises(TypeError, match="no term"):
        _ = field("a") < "3"


def test_a_missing_name_is_named_with_the_nearest_known():
    with pytest.raises(DataFault, match=r"'flagg'.*Did you mean 'flag'"):
        declared("flagg").holds(one())
    with pytest.raises(DataFault, match="parameter 'r'"):
        (field("a") < param("r")).holds(one())


def test_names_are_listed_once_in_reading_order():
    tree = (field("a") < param("p")) & ~((field("b") > param("q")) | (field("a") == 1))
    assert tree.fields() == ("a", "b")
    assert tree.parameters() == ("p", "q")


def test_thresholds_do_not_widen_single_precision():
    total = field("a") * 2 + param("p")
    assert total.evaluate(one(a=np.ones(3, np.float32), p=3.0)).dtype == np.float32


def test_a_quotient_by_zero_is_infinite_for_one_order_as_for_many():
    share = field("a") / field("b")
    with np.errstate(divide="ignore"):
        assert share.evaluate(one(a=1.0, b=0.0)) == np.inf
        assert share.evaluate(one(a=np.ones(2), b=0.0)).tolist() == [np.inf, np.inf]
