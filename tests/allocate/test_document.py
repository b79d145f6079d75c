"""An allocation as plain data: true to the allocation, without a solver's dust, and JSON throughout."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from dualtrack.allocate import compare
from dualtrack.allocate.document import _figure, _number, allocation_document, tidy
from dualtrack.allocate.problem import read_problem

ORDERS = """order,buyer,chip,units,price,domestic,destination
a,bytedance,H200,100,27000,30,mainland
b,tencent,H200,100,26000,20,mainland
c,tencent,H20,30,10000,0,mainland
d,state,H200,10,30000,5,mainland
"""
STOCK = "chip,month,units\nH200,2026-02,50\nH200,2026-04,70\nH20,2026-02,40\n"
LIMITS = "set: {china.ratio.required: 0.3, us.buyer_cap.units: .inf}\ncounts: {batches: {2026-02: 1000}}\n"


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("document")
    for name, text in (("orders.csv", ORDERS), ("stock.csv", STOCK), ("limits.yaml", LIMITS)):
        (folder / name).write_text(text, encoding="utf-8")
    return read_problem(folder / "orders.csv", folder / "stock.csv", folder / "limits.yaml")


@pytest.fixture(scope="module")
def found(problem):
    return compare(problem.book, problem.stock, problem.rulebook, problem.laws, problem.counts)


@pytest.fixture(scope="module")
def document(problem, found, book):
    return allocation_document(problem, found, "value", book)


def test_it_is_json_to_the_last(document):
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_its_tables_agree_with_each_other(document):
    rows = document["allocation"]
    assert sum(row["units"] for row in rows) == document["units"] == 150
    for name, buyer in document["buyers"].items():
        mine = [row for row in rows if row["buyer"] == name]
        assert sum(row["units"] for row in mine) == buyer["units"]
        assert sum(chip["units"] for chip in buyer["by_chip"].values()) == buyer["units"]
        assert sum(chip["asked"] for chip in buyer["by_chip"].values()) == buyer["asked"]
        assert buyer["share"] == document["served"][name]
    for name, chip in document["chips"].items():
        assert sum(row["units"] for row in rows if row["chip"] == name) == chip["units"]
        assert chip["units"] + chip["left_over"] == sum(chip["stock"].values())
    assert document["served"] == document["policies"]["value"]["served"]
    assert document["objective"] == document["policies"]["value"]["objective"]


def test_barred_orders_are_told_apart(document):
    assert document["barred"] == {"d": "china.barred_class"}
    state = document["buyers"]["state"]
    assert (state["asked"], state["barred"], state["units"], state["share"]) == (10, 10, 0, 0)


def test_what_is_owed_follows_from_what_is_cleared(document):
    due = document["domestic_due"]["bytedance"]
    assert due == {
        "due": pytest.approx(0.3 * document["buyers"]["bytedance"]["units"]),
        "bought": 30,
        "missing": 0,
    }
    assert document["domestic_due"]["state"]["bought"] == 0


def test_limits_without_a_price_are_there_too(document):
    prices = document["shadow_prices"]
    assert prices["stock"]["price"] > 0
    assert prices["us.share_limit"]["price"] == 0
    assert {place["buyer"] for place in prices["china.domestic_ratio"]["places"]} == {"bytedance", "tencent"}
    greatest = [rule["price"] for rule in prices.values()]
    assert greatest == sorted(greatest, reverse=True)


def test_every_source_is_a_fact(document, book):
    assert document["sources"]
    assert all(row["fact"] in book for row in document["sources"])
    keys = [one["key"] for one in document["given"]]
    assert keys[:2] == ["set.china.ratio.required", "set.us.buyer_cap.units"]
    assert document["given"][1]["value"] == "no limit"


def test_dust_is_swept_and_a_fraction_is_said_to_be_one(problem, found, book):
    chosen = found["value"]
    dusty = {**found, "value": replace(chosen, units=chosen.units + 1e-7)}
    assert allocation_document(problem, dusty, "value", book)["whole_units"] is True
    halved = {**found, "value": replace(chosen, units=chosen.units / 4)}
    assert allocation_document(problem, halved, "value", book)["whole_units"] is False


def test_tidying_moves_no_number_by_more_than_dust():
    units = np.array([0.0, 1e-9, 59.99999999, 60.00000001, 33.3333333, 1e8 + 1e-3, 0.5])
    assert tidy(units).tolist() == [0, 0, 60, 60, 33.3333333, 1e8, 0.5]


def test_a_share_close_to_one_is_not_one():
    assert _figure(0.99995) == 0.99995
    assert _figure(1.0) == 1
    assert _figure(1e-7) == 1e-7
    assert _number(0.99995) == 1
    assert _number(math.inf) is _figure(None) is None
