from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.months import parse_month
from dualtrack.results.outputs import outputs_table
from dualtrack.results.summary import LEVELS, quarters, spread, summarise
from dualtrack.session import run


@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 500),
    undefined=st.floats(0, 1),
    zeros=st.floats(0, 1),
    single=st.booleans(),
)
def test_a_spread_is_numpys_quantiles_mean_and_share_of_zeros(seed, count, undefined, zeros, single):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(10, 3, count)
    values[rng.random(count) < zeros] = 0.0
    values[rng.random(count) < undefined] = np.nan
    values = values.astype(np.float32 if single else np.float64)
    found = spread(values)
    defined = values[~np.isnan(values)].astype(np.float64)
    if defined.size == 0:
        assert all(found[name] is None for name in ("mean", "p_zero", *LEVELS))
        return
    for name, level in LEVELS.items():
        assert found[name] == pytest.approx(np.quantile(defined, level), rel=1e-12), name
    assert found["mean"] == pytest.approx(defined.mean(), rel=1e-12)
    assert found["p_zero"] == pytest.approx(np.mean(defined == 0))
    assert found.get("p_undefined", 0.0) == pytest.approx(1 - defined.size / count)


@pytest.fixture(scope="module")
def dataset():
    return run(paths=80, months=36)


@pytest.fixture(scope="module")
def document(dataset):
    return summarise(dataset)


@pytest.mark.parametrize("name", ["nvidia_china_ai_revenue", "domestic_packages", "china_ai_capex"])
def test_the_quarter_of_a_flow_is_the_sum_of_its_months_path_by_path(dataset, document, name):
    row = outputs_table()[name]
    labels = [str(month) for month in dataset["month"].values]
    for quarter, found in document["outcomes"][name]["by_quarter"].items():
        members = [n for n, label in enumerate(labels) if quarter_by_hand(label, row.quarters) == quarter]
        sums = dataset[name].values[members].astype(float).sum(axis=0)
        assert found["p50"] == pytest.approx(np.quantile(sums, 0.5), rel=1e-9), quarter
        assert found["mean"] == pytest.approx(sums.mean(), rel=1e-9), quarter
        assert found["months"] == len(members)
        assert found["partial"] == (len(members) < 3)


def quarter_by_hand(label: str, kind: str) -> str:
    year, month = int(label[:4]), int(label[5:])
    if kind == "calendar":
        return f"{year}Q{(month + 2) // 3}"
    # Nvidia's year ends with January and has the number of the year in which it ends.
    fiscal = year + (month > 1)
    quarter = {2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 2, 8: 3, 9: 3, 10: 3, 11: 4, 12: 4, 1: 4}[month]
    return f"FY{fiscal}Q{quarter}"


def test_the_quarter_of_a_stock_is_its_last_month(dataset, document):
    found = document["outcomes"]["h200_delivered_cum"]
    assert found["by_quarter"]["2026Q2"]["p50"] == found["by_month"]["2026-06"]["p50"]


def test_february_2026_falls_in_the_first_fiscal_quarter_of_2027_and_a_partial_calendar_quarter(document):
    fiscal = document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    assert next(iter(fiscal)) == "FY2027Q1"
    assert (fiscal["FY2027Q1"]["months"], fiscal["FY2027Q1"]["partial"]) == (3, False)
    calendar = document["outcomes"]["domestic_packages"]["by_quarter"]
    assert next(iter(calendar)) == "2026Q1"
    assert (calendar["2026Q1"]["months"], calendar["2026Q1"]["partial"]) == (2, True)
    assert (calendar["2026Q2"]["months"], calendar["2026Q2"]["partial"]) == (3, False)


def test_every_month_of_a_run_falls_in_one_quarter_of_each_kind():
    labels = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(parse_month("2026-02"), parse_month("2031-02"))]
    for name in ("nvidia_china_ai_revenue", "domestic_packages"):
        positions = [n for group in quarters(outputs_table()[name], labels).values() for n in group]
        assert positions == list(range(len(labels)))


def test_probabilities_are_shares_of_paths(dataset, document):
    for month, states in document["probabilities"]["us_gate"].items():
        assert sum(states.values()) == pytest.approx(1.0), month
    last = str(dataset["month"].values[-1])
    delivered = np.mean(dataset["h200_delivered_cum"].values[-1] >= 1.0)
    assert document["probabilities"]["any_delivery_by"][last] == pytest.approx(delivered)
