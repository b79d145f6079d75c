from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_orders import asked, order_fields

from dualtrack.errors import DataFault
from dualtrack.rules import (
    Amendment,
    Environment,
    Limit,
    NoValueInForce,
    Rule,
    Rulebook,
    Subject,
    Unpublished,
    constant,
    field,
    param,
    switched_on,
)

FEBRUARY = date(2026, 2, 1)
AMOUNTS = st.floats(0, 1e7)
LIMIT = Limit(
    "test.limit",
    "units",
    "us",
    "total",
    "cumulative",
    weight=field("weight"),
    used=field("used"),
    ceiling=param("ceiling"),
    in_force=switched_on("on"),
)


def room(weight, used, ceiling, on=1) -> Environment:
    return Environment({"weight": weight, "used": used}, {"ceiling": ceiling, "on": on})


@given(st.floats(1e-3, 1e5), AMOUNTS, AMOUNTS)
def test_headroom_reaches_the_ceiling_and_never_passes_it(weight, used, ceiling):
    units = LIMIT.headroom(room(weight, used, ceiling))
    assert units >= 0
    reached = used + weight * units
    assert reached == pytest.approx(max(used, ceiling), rel=1e-9)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.5]), AMOUNTS, AMOUNTS), min_size=1, max_size=5))
def test_headroom_of_many_is_that_of_each(rows):
    weight, used, ceiling = (np.array(column) for column in zip(*rows, strict=True))
    many = LIMIT.headroom(room(weight, used, ceiling))
    assert many.tolist() == [LIMIT.headroom_of_order(room(*row)) for row in rows]


def test_headroom_broadcasts_over_buyers_and_paths():
    units = LIMIT.headroom(room(2.0, np.array([[0.0], [6.0]]), np.array([4.0, 8.0, 10.0])))
    assert units.tolist() == [[2, 4, 5], [0, 1, 2]]


def test_headroom_stays_in_single_precision():
    used = np.ones(3, np.float32)
    assert LIMIT.headroom(room(2.0, used, 7.0)).dtype == np.float32
    assert LIMIT.headroom(room(used, used, 7.0)).dtype == np.float32


def test_a_limit_not_in_force_bounds_nothing_and_reads_nothing():
    assert LIMIT.headroom(Environment({}, {"on": 0})) == np.inf
    per_path = LIMIT.headroom(room(1.0, 5.0, 7.0, on=np.array([0, 1])))
    assert per_path.tolist() == [np.inf, 2]


def test_a_unit_that_weighs_nothing_is_not_bounded_even_when_overrun():
    assert LIMIT.headroom(room(0.0, 9.0, 7.0)) == np.inf


def test_the_row_says_how_far_a_ceiling_is_overrun():
    weight, left = LIMIT.row(room(2.0, 9.0, 7.0))
    assert (float(weight), float(left)) == (2, -2)
    assert LIMIT.headroom(room(2.0, 9.0, 7.0)) == 0


def test_headroom_of_an_order_is_unknown_without_a_denominator(rulebook: Rulebook):
    share = rulebook.limit("us.share_limit")
    counted = {"us.committed_units": 0, "us.domestic_units": None}
    environment = Environment(order_fields() | counted, rulebook.parameters_on(FEBRUARY))
    assert share.headroom_of_order(environment) is None
    with pytest.raises(DataFault, match=r"us\.domestic_units is undeclared"):
        share.headroom(environment)


def test_a_chip_under_a_letter_has_no_share_limit(rulebook: Rulebook):
    counted = {"us.committed_units": 0, "us.domestic_units": 0}
    environment = Environment(order_fields("nvidia.h20_96gb") | counted, rulebook.parameters_on(FEBRUARY))
    assert rulebook.limit("us.share_limit").headroom_of_order(environment) == np.inf


def test_a_value_asked_before_its_date_is_refused_with_a_way_on(rulebook: Rulebook):
    values = rulebook.parameters_on(date(2025, 11, 30))
    with pytest.raises(NoValueInForce) as refused:
        values["us.review.tpp_ceiling"]
    assert str(refused.value) == (
        "us.review.tpp_ceiling has no value on 2025-11-30.\n"
        "  Its first value is in force from 2026-01-15 (data/rules/us.yaml).\n"
        "  Ask for a later date, or write `before:` in that entry."
    )
    assert "us.review.tpp_ceiling" not in values
    assert values["us.review.in_force"] == 0


def test_a_value_asked_after_its_end_is_refused(rulebook: Rulebook):
    name = "us.control_2022.operations_min"
    assert rulebook.parameters_on(date(2023, 11, 16))[name] == 4800
    with pytest.raises(NoValueInForce, match="2023-11-16"):
        rulebook.parameters_on(date(2023, 11, 17))[name]


def test_a_day_before_cover_is_refused(rulebook: Rulebook):
    rulebook.parameters_on(rulebook.cover_from)
    with pytest.raises(NoValueInForce, match=r"covered from 2022-01-01"):
        rulebook.parameters_on(rulebook.cover_from - timedelta(days=1))


def test_a_number_that_was_never_published_must_be_given(rulebook: Rulebook):
    with pytest.raises(Unpublished, match=r"china\.ratio\.required was never published"):
        rulebook.parameters_on(FEBRUARY)["china.ratio.required"]
    given_one = rulebook.amended(Amendment("ratio", {"china.ratio.required": 1.0}, "a scenario"))
    assert given_one.parameters_on(FEBRUARY)["china.ratio.required"] == 1


def test_an_unknown_parameter_is_a_key_that_is_missing(rulebook: Rulebook):
    values = rulebook.parameters_on(FEBRUARY)
    assert values.get("us.nothing") is None
    assert set(values) == {name for name in rulebook.parameters if name in values}
    assert len(values) == len(list(values))


@given(
    st.dictionaries(st.sampled_from(["us.share.limit", "us.review.tpp_ceiling"]), AMOUNTS),
    st.dates(date(2026, 1, 15), date(2029, 1, 1)),
)
def test_an_amendment_never_changes_the_book_below(rulebook: Rulebook, changes, day):
    before = dict(rulebook.parameters_on(day))
    amended = rulebook.amended(Amendment("test", changes, "a test"))
    assert dict(amended.parameters_on(day)) == before | changes
    assert dict(rulebook.parameters_on(day)) == before
    assert rulebook.amendments == ()
    assert amended.rules is rulebook.rules


def test_an_amendment_may_be_worked_out_over_the_value_before(rulebook: Rulebook):
    halved = Amendment("half", {"us.share.limit": param("us.share.limit") * 0.5}, "a test")
    twice = rulebook.amended(halved).amended(halved)
    assert twice.parameters_on(FEBRUARY)["us.share.limit"] == 0.125


def test_an_amendment_opens_the_door_it_names(rulebook: Rulebook):
    b30a = {"chip__tpp": 28000.0, "chip__dram_bandwidth_gbps": 4000.0}
    lifted = rulebook.amended(Amendment("lift", {"us.review.tpp_ceiling": 40_000}, "a test"))
    ranks = [int(book.outcome("us.export", asked(book, FEBRUARY, **b30a))) for book in (rulebook, lifted)]
    outcomes = rulebook.subject("us.export").outcomes
    assert [outcomes[rank] for rank in ranks] == ["presumption_of_denial", "case_by_case"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"us.share.limits": 1}, r"no parameter 'us.share.limits'. Did you mean 'us.share.limit'"),
        ({"us.share.limit": param("us.share")}, "no parameter 'us.share'"),
        ({"us.share.limit": field("chip.tpp") * 1}, "reads the field chip.tpp"),
        ({"us.share.limit": float("nan")}, "us.share.limit is nan"),
        ({"us.share.limit": None}, "us.share.limit is None"),
    ],
)
def test_an_amendment_that_cannot_be_applied_is_refused(rulebook: Rulebook, parameters, message):
    with pytest.raises(DataFault, match=message):
        rulebook.amended(Amendment("bad", parameters, "a test"))


def tiny(*rules: Rule, subject: str = "s") -> Rulebook:
    return Rulebook((Subject(subject, ("free", "held", "refused")),), rules, (), {}, date(2022, 1, 1))


def test_the_strictest_rule_wins_for_each_order():
    book = tiny(
        Rule("low", "s", field("x") > 0, "free", ""),
        Rule("high", "s", field("x") > 2, "refused", ""),
        Rule("middle", "s", field("x") > 1, "held", ""),
    )
    assert book.outcome("s", Environment({"x": np.array([1, 2, 3])}, {})).tolist() == [0, 1, 2]
    assert [rule.id for rule in book.reasons("s", Environment({"x": 3}, {}))] == ["high"]


def test_an_order_that_no_rule_reaches_is_an_error_never_allowed():
    book = tiny(Rule("low", "s", field("x") > 0, "free", ""))
    with pytest.raises(DataFault, match="No rule of s reaches 2 of 3 orders"):
        book.outcome("s", Environment({"x": np.array([-1, 0, 1])}, {}))


def test_the_faults_of_a_rulebook_are_listed_together():
    unsound = Rule("twice", "s", field("x") > param("nothing"), "free", "")
    with pytest.raises(DataFault) as refused:
        tiny(unsound, Rule("twice", "s", field("x") > constant(0), "allowed", ""))
    for words in ("3 faults", "twice: stands twice", "'allowed' is no outcome", "no parameter 'nothing'"):
        assert words in str(refused.value)


def test_an_unknown_name_is_answered_with_the_nearest(rulebook: Rulebook):
    with pytest.raises(DataFault, match=r"Did you mean 'us\.share_limit'"):
        rulebook.limit("us.share_limits")
    with pytest.raises(DataFault, match=r"no subject 'us\.exports'"):
        rulebook.rules_of("us.exports")
