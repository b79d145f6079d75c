from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide import samples
from tests.decide.orders import answers, decided, law

from dualtrack.decide.batch import HEADER, decide_rows
from dualtrack.decide.declarations import declarable, short_name
from dualtrack.entities import load_buyers
from dualtrack.tables import TableFault

WORDS = {True: "yes", False: "no", None: ""}
COLUMNS = ("order", "chip", "buyer", "units", "destination", "end_use", "price_usd")

chips = st.sampled_from([chip.id for chip in samples.CHIPS])
buyers = st.sampled_from([buyer.id for buyer in load_buyers()])
rows = st.fixed_dictionaries(
    {
        "chip": chips,
        "buyer": buyers,
        "units": st.integers(1, 10**6),
        "destination": samples.destinations,
        "end_use": samples.end_uses,
        "price_usd": st.none() | st.floats(0, 1e6).map(lambda price: round(price, 2)),
        "declare": samples.declarations,
    }
)


def written(path, orders, **columns):
    """A file of the orders, with a column for every declaration that one of them makes."""
    said = sorted({short_name(name) for put in orders for name in put.get("declare", {})})
    lines = io.StringIO()
    writer = csv.DictWriter(lines, [*COLUMNS, *said])
    writer.writeheader()
    for number, put in enumerate(orders):
        answered = {short_name(name): WORDS[answer] for name, answer in put.get("declare", {}).items()}
        keys = {name: put[name] for name in COLUMNS if put.get(name) is not None}
        writer.writerow({"order": f"order {number}", **keys, **answered})
    path.write_text(lines.getvalue(), encoding="utf-8")
    return path


def read_back(found):
    """The rows that a user gets, as they stand in the file."""
    return list(csv.DictReader(io.StringIO("\n".join(found.lines()) + "\n")))


@settings(max_examples=25, deadline=None)
@given(samples.days, st.lists(rows, min_size=1, max_size=12), samples.declarations)
def test_each_row_is_decided_as_the_order_alone(tmp_path_factory, day, orders, common):
    """The same outcomes, needs and duty, apart from limits, which a batch leaves to `allocate`."""
    path = written(tmp_path_factory.mktemp("batch") / "orders.csv", orders)
    found = read_back(decide_rows(path, law(day), common))
    assert [row["order"] for row in found] == [f"order {n}" for n in range(len(orders))]
    limits = {limit.id for limit in law(day).rulebook.limits}
    for put, row in zip(orders, found, strict=True):
        alone = decided(
            **{**put, "declare": {**common, **put["declare"]}},
            on=day,
        )
        assert row["us"] == alone.gates["us"].outcome
        assert row["china"] == alone.gates["china"].outcome
        missing = {short_name(name) for gate in alone.gates.values() for name in gate.missing}
        barred = any(gate.barred for gate in alone.gates.values())
        needs = set() if barred else missing - limits
        assert set(row["needs"].split()) == needs
        assert row["together"] == ("may_not_ship" if barred else "needs" if needs else "may_ship")
        if alone.levy.due_usd is None:
            assert row["levy_usd"] == ""
        else:
            assert float(row["levy_usd"]) == pytest.approx(alone.levy.due_usd)
            assert float(row["levy_rate"]) == alone.levy.rate


def test_counts_add_up_to_the_rows(tmp_path):
    orders = [
        {"chip": "L20", "buyer": "tencent", "units": 1},
        {"chip": "L20", "buyer": "tencent", "units": 2},
        {"chip": "H20", "buyer": "tencent", "units": 3},
        {"chip": "B200", "buyer": "tencent", "units": 4},
    ]
    orders[3]["chip"] = "nvidia.b200"
    found = decide_rows(written(tmp_path / "orders.csv", orders), law(), {})
    assert found.counts() == {"may_ship": 2, "needs": 1, "may_not_ship": 1}


def test_a_row_says_more_than_what_is_declared_for_all(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "chip,buyer,units,destination,kyc\nH200,tencent,1,hong_kong,\nH200,tencent,1,hong_kong,no\n",
        encoding="utf-8",
    )
    everything = {**answers("everything"), "order.kyc": True}
    found = read_back(decide_rows(path, law(), everything))
    assert [row["us"] for row in found] == ["case_by_case", "presumption_of_denial"]
    assert [row["together"] for row in found] == ["may_ship", "may_not_ship"]


def test_what_a_row_leaves_out_is_the_mainland_and_the_usual_use(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("chip,buyer,units\nL20,state,1\n", encoding="utf-8")
    assert read_back(decide_rows(path, law(), {}))[0]["china"] == "refused"


def test_names_with_commas_and_quotes_come_back_as_they_were(tmp_path):
    path = tmp_path / "orders.csv"
    names = ["a,b", 'say "yes"', "plain", ""]
    lines = io.StringIO()
    csv.writer(lines).writerows(
        [("order", "chip", "buyer", "units"), *((n, "L20", "tencent", 1) for n in names)]
    )
    path.write_text(lines.getvalue(), encoding="utf-8")
    assert [row["order"] for row in read_back(decide_rows(path, law(), {}))] == names


def test_rows_without_a_name_are_numbered(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("chip,buyer,units\nL20,tencent,1\nH20,tencent,2\n", encoding="utf-8")
    found = decide_rows(path, law(), {})
    assert next(found.lines()) == ",".join(HEADER)
    assert [row["order"] for row in read_back(found)] == ["1", "2"]


def test_a_figure_that_is_open_leaves_the_duty_open(tmp_path):
    path = written(tmp_path / "orders.csv", [{"chip": "MI308X", "buyer": "tencent", "units": 1}])
    row = read_back(decide_rows(path, law("2024-06-01"), {}))[0]
    assert row["us"] == "exception_nac"
    assert row["needs"].split() == ["tpp", "performance_density", "notice_accepted"]


def test_units_come_out_as_they_went_in(tmp_path):
    units = [1, 999_999_999, 10**12 - 1]
    orders = [{"chip": "H200", "buyer": "tencent", "units": n, "price_usd": 4} for n in units]
    found = decide_rows(written(tmp_path / "orders.csv", orders), law(), {})
    assert [int(row["units"]) for row in read_back(found)] == units
    assert np.allclose(found.levy_usd, units)


@pytest.mark.parametrize("units", ["1e30", "1000000000001"])
def test_more_units_than_an_order_may_have_are_refused(tmp_path, units):
    path = tmp_path / "orders.csv"
    path.write_text(f"chip,buyer,units\nH200,tencent,{units}\n", encoding="utf-8")
    with pytest.raises(TableFault, match="row 2, units"):
        decide_rows(path, law(), {})


def test_every_declaration_has_a_column(tmp_path):
    said = dict.fromkeys(declarable(), True)
    orders = [{"chip": "H200", "buyer": "tencent", "units": 1, "declare": said}]
    assert decide_rows(written(tmp_path / "orders.csv", orders), law(), {}).counts()["may_not_ship"] == 1


def test_every_fault_is_told_with_row_and_column(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "chip,buyer,units,destination,end_use,price_usd,kyc\n"
        "H2000,bitedance,-1,moon,play,-5,maybe\n"
        "huawei.ascend_910c,tencent,0,,,,\n"
        "L20,tencent,1.5,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(TableFault) as refused:
        decide_rows(path, law(), {})
    text = str(refused.value)
    for place in ("chip", "buyer", "units", "destination", "end_use", "price_usd", "kyc"):
        assert f"row 2, {place}" in text, place
    assert "row 3, chip: is made in China" in text
    assert "row 3, units" in text and "row 4, units" in text
    assert "'bytedance'" in text and "'h200'" in text
