import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.errors import DataFault
from dualtrack.facts.ranges import FAMILIES, Range, choose_family, range_of, range_of_interval

THREE_POINTS = np.array([0.1, 0.5, 0.9])
EXAMPLES = [
    Range(5, 5, 5, "point"),
    Range(40, 70, 120, "two_piece_lognormal"),
    Range(36000, 36000, 40000, "two_piece_lognormal"),
    Range(450, 860, 860, "two_piece_lognormal"),
    Range(-3, 1, 8, "two_piece_normal"),
    Range(0, 200, 400, "two_piece_normal"),
    Range(0.2, 0.4, 0.45, "two_piece_logit"),
    Range(75, 88, 97, "two_piece_logit", floor=0, ceiling=100),
    Range(40, 70, 120, "lognormal"),
    Range(0, 2, 4, "normal"),
    Range(2, 3, 9, "uniform"),
    Range(2, 3, 9, "log_uniform"),
    Range(2, 3, 9, "triangular"),
]
each_range = pytest.mark.parametrize("example", EXAMPLES, ids=str)

unit_interval = st.floats(0, 1)
sizes = st.floats(1e-6, 1e9)


def test_every_family_has_an_example():
    assert {example.family for example in EXAMPLES} == set(FAMILIES)


@given(st.tuples(sizes, sizes, sizes).map(sorted), st.sampled_from(["units", "pct", "fraction", "ratio"]))
def test_the_chosen_family_meets_its_three_points_exactly(numbers, unit):
    low, mid, high = numbers
    assert range_of(low, mid, high, unit).quantile(THREE_POINTS).tolist() == [low, mid, high]


@given(st.tuples(*[st.floats(1e-6, 1 - 1e-6)] * 3).map(sorted))
def test_a_share_stays_inside_its_whole(numbers):
    low, mid, high = numbers
    span = range_of(low, mid, high, "fraction")
    assert span.quantile(THREE_POINTS).tolist() == [low, mid, high]
    ends = span.quantile([0.0, 1e-12, 1 - 1e-12, 1.0])
    assert (ends >= 0).all()
    assert (ends <= 1).all()


@each_range
@given(given_u=st.lists(unit_interval, min_size=2, max_size=20))
def test_a_higher_probability_never_gives_a_lower_value(example, given_u):
    u = np.sort(np.array(given_u))
    values = example.quantile(u)
    assert not np.isnan(values).any()
    # Neighbours may differ by the last bits only; far tails are infinite.
    slack = 1e-14 * np.minimum(np.abs(values[1:]), 1e300)
    assert (values[1:] >= values[:-1] - slack).all()


@each_range
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1), size=st.integers(1, 70), cut=st.integers(0, 70), stride=st.integers(1, 5)
)
def test_the_bits_do_not_depend_on_how_an_array_is_cut(example, seed, size, cut, stride):
    u = np.random.default_rng(seed).random(size)
    whole = example.quantile(u)
    assert np.concatenate([example.quantile(u[:cut]), example.quantile(u[cut:])]).tobytes() == whole.tobytes()
    assert example.quantile(u[::stride]).tobytes() == whole[::stride].tobytes()
    assert example.quantile(u[::-1]).tobytes() == whole[::-1].tobytes()
    assert [float(example.quantile(one)) for one in u] == whole.tolist()


@each_range
def test_a_single_probability_gives_an_array_without_axes(example):
    assert example.quantile(0.3).shape == ()
    assert example.quantile(np.full((2, 3), 0.3)).shape == (2, 3)
    assert example.quantile(np.float32(0.25)).dtype == np.float64


def test_where_half_of_a_range_has_no_width_half_of_the_draws_are_the_middle():
    flat = Range(36000, 36000, 40000, "two_piece_lognormal")
    assert flat.quantile([0.0, 0.2, 0.4999]).tolist() == [36000.0] * 3
    assert float(flat.quantile(0.6)) > 36000


def test_a_normal_that_starts_at_zero_is_cut_there():
    assert float(Range(0, 200, 400, "two_piece_normal").quantile(0.001)) == 0
    assert float(Range(-1, 200, 400, "two_piece_normal").quantile(0.001)) < 0


def test_families_by_two_ends_ignore_the_middle():
    assert Range(40, 70, 120, "lognormal").quantile([0.1, 0.9]) == pytest.approx([40, 120])
    assert Range(0, 3, 4, "normal").quantile([0.1, 0.5, 0.9]) == pytest.approx([0, 2, 4])
    assert Range(2, 3, 9, "uniform").quantile([0, 1]).tolist() == [2, 9]
    assert Range(2, 3, 9, "triangular").quantile([0, 1 / 7, 1]) == pytest.approx([2, 3, 9])


@pytest.mark.parametrize(
    ("low", "mid", "high", "unit", "family"),
    [
        (5, 5, 5, "units", "point"),
        (1, 2, 9, "units", "two_piece_lognormal"),
        (0, 2, 9, "units", "two_piece_normal"),
        (-1, 2, 9, "usd_bn", "two_piece_normal"),
        (0.1, 0.2, 0.3, "fraction", "two_piece_logit"),
        (10, 20, 30, "pct", "two_piece_logit"),
        (0.0, 0.2, 0.3, "fraction", "two_piece_normal"),
        (80, 100, 130, "pct", "two_piece_lognormal"),
    ],
)
def test_the_family_follows_sign_and_unit(low, mid, high, unit, family):
    assert choose_family(low, mid, high, unit) == family


@pytest.mark.parametrize(
    ("numbers", "family", "said"),
    [
        ((3, 2, 1), "two_piece_normal", "low <= mid <= high"),
        ((1, 3, 2), "uniform", "low <= mid <= high"),
        ((0, 1, 2), "two_piece_lognormal", "above 0"),
        ((-1, 1, 2), "log_uniform", "above 0"),
        ((0.2, 0.4, 1.0), "two_piece_logit", "between 0 and 1"),
        ((1, 2, 3), "point", "one value"),
        ((1, float("nan"), 3), "normal", "finite"),
        ((1, 2, 3), "gaussian", "unknown family"),
    ],
)
def test_a_range_that_cannot_be_drawn_from_is_refused(numbers, family, said):
    with pytest.raises(DataFault, match=said):
        Range(*numbers, family)


@pytest.mark.parametrize("u", [-0.1, 1.1, float("nan")])
def test_a_probability_outside_the_scale_is_refused(u):
    with pytest.raises(DataFault, match=r"0\.\.1"):
        Range(1, 2, 3, "uniform").quantile([0.5, u])


@given(st.tuples(sizes, sizes, sizes).map(sorted), st.floats(0.5, 0.99))
def test_an_interval_of_any_mass_is_met_at_its_ends(numbers, mass):
    low, mid, high = numbers
    ends = [(1 - mass) / 2, 0.5, (1 + mass) / 2]
    skewed = range_of_interval(low, high, mass=mass, mid=mid, family="two_piece_lognormal")
    assert skewed.quantile(ends) == pytest.approx([low, mid, high], rel=1e-9)
    even = range_of_interval(low, high, mass=mass, family="lognormal")
    assert even.quantile(ends) == pytest.approx([low, np.sqrt(low) * np.sqrt(high), high], rel=1e-9)
    straight = range_of_interval(-high, -low, mass=mass, mid=-mid, family="two_piece_normal")
    assert straight.quantile(ends) == pytest.approx([-high, -mid, -low], rel=1e-9, abs=1e-9 * high)


@given(st.tuples(*[st.floats(0.01, 0.99)] * 3).map(sorted), st.floats(0.5, 0.99))
def test_an_interval_of_a_share_stays_inside_its_whole(numbers, mass):
    low, mid, high = numbers
    share = range_of_interval(low, high, mass=mass, mid=mid, family="two_piece_logit")
    ends = [(1 - mass) / 2, 0.5, (1 + mass) / 2]
    assert share.quantile(ends) == pytest.approx([low, mid, high], rel=1e-9)
    assert 0 < share.low <= share.high < 1
    percent = range_of_interval(
        100 * low, 100 * high, mass=mass, mid=100 * mid, family="two_piece_logit", floor=0, ceiling=100
    )
    assert percent.quantile(ends) == pytest.approx([100 * low, 100 * mid, 100 * high], rel=1e-9)


def test_an_interval_of_80_percent_is_a_range_as_it_stands():
    read = range_of_interval(40, 120, mass=0.8, mid=70, family="two_piece_lognormal")
    assert (read.low, read.mid, read.high) == pytest.approx((40, 70, 120))
    wider, narrower = (
        range_of_interval(40, 120, mass=mass, mid=70, family="two_piece_lognormal") for mass in (0.5, 0.9)
    )
    assert wider.low < 40 < narrower.low < narrower.high < 120 < wider.high


@pytest.mark.parametrize("numbers", [(450, 860, 860), (36000, 36000, 40000), (7, 7, 7)])
def test_an_interval_without_width_on_a_side_has_none_after_the_reading(numbers):
    low, mid, high = numbers
    read = range_of_interval(low, high, mass=0.9, mid=mid, family="two_piece_lognormal")
    assert read.low <= read.mid == mid <= read.high
    assert (read.low == mid) is (low == mid) and (read.high == mid) is (high == mid)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"low": 1, "high": 2, "mass": 0.9, "family": "uniform"}, "no percentiles; wanted lognormal, normal"),
        ({"low": 1, "high": 2, "mass": 90, "family": "lognormal"}, "a mass of 90 was given"),
        ({"low": 1, "high": 2, "mass": 1.0, "family": "lognormal"}, "a mass of 1.0 was given"),
        ({"low": 1, "high": 2, "mass": 0.9, "family": "two_piece_normal"}, "wanted the median"),
        ({"low": 1, "high": 2, "mid": 1.5, "mass": 0.9, "family": "normal"}, "leave mid out"),
        ({"low": 0, "high": 2, "mass": 0.9, "family": "lognormal"}, "numbers above 0"),
        ({"low": 3, "high": 2, "mass": 0.9, "family": "normal"}, "low <= mid <= high"),
        (
            {"low": 0.1, "high": 1.2, "mid": 0.4, "mass": 0.9, "family": "two_piece_logit"},
            "between 0 and 1, ends excluded",
        ),
    ],
)
def test_an_interval_that_makes_no_range_is_refused(given_, said):
    with pytest.raises(DataFault, match=said):
        range_of_interval(**given_)
