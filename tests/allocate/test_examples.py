"""The shipped examples stand on the facts that their page names."""

import csv
import re

import pytest

from dualtrack.allocate.asking import EXAMPLES
from dualtrack.allocate.problem import read_problem
from dualtrack.entities import load_buyers
from dualtrack.scenarios.keys import load_keys

H200 = "nvidia.h200_sxm"


@pytest.fixture(scope="module")
def problem():
    return read_problem(EXAMPLES / "orders.csv", EXAMPLES / "stock.csv", EXAMPLES / "limits.yaml")


@pytest.fixture(scope="module")
def orders():
    with (EXAMPLES / "orders.csv").open(encoding="utf-8", newline="") as file:
        return {row["order"]: row for row in csv.DictReader(file)}


def h200(orders, column="units"):
    """A column's sum over the orders of H200, by buyer."""
    found = {}
    for row in orders.values():
        if row["chip"] == "H200":
            found[row["buyer"]] = found.get(row["buyer"], 0) + int(row[column])
    return found


def parts(total):
    """A total in proportion to the buyers' appetites, to the nearest thousand."""
    weights = {buyer.id: load_keys()[f"buyer.{buyer.id}.appetite"].entry.range[1] for buyer in load_buyers()}
    return {
        name: 1000 * round(total * weight / sum(weights.values()) / 1000) for name, weight in weights.items()
    }


def test_the_totals_are_those_of_the_facts(orders, problem, book):
    total = book.get("import.demand.orders_total").number
    assert sum(h200(orders).values()) == total
    assert h200(orders) == parts(total)
    arriving = problem.stock.units[[chip.id for chip in problem.stock.chips].index(H200)]
    assert arriving.sum() == book.get("import.demand.inventory").number
    assert arriving[0] == book.get("nvidia.inventory.h200.2025_12_standalone").number
    assert arriving.sum() == book.get("nvidia.inventory.h200.2025_12").number


def test_the_orders_told_to_the_vendor_are_those_of_the_facts(orders, book):
    test = book.get("nvidia.demand.bytedance_h200_test").number
    assert int(orders["bd-test"]["units"]) == int(orders["bd-test"]["promised"]) == test
    told = book.get("import.demand.big_two").number
    assert int(orders["bd-test"]["units"]) + int(orders["bd-first"]["units"]) == told
    assert int(orders["ali-first"]["units"]) == told


def test_the_prices_are_those_of_the_facts(orders, book):
    def per_chip(fact):
        rate = load_keys()["money.rmb_per_usd"].entry.range[1]
        return 100 * int(book.get(fact).number / 8 / rate / 100)

    asked = book.get("import.demand.unit_price").number
    wanted = {
        "bd-test": book.get("nvidia.price.h200.china_2025_12").low,
        **dict.fromkeys(("bd-first", "ali-first", "state-all", "lab-all"), asked),
        **dict.fromkeys(("bd-more", "ali-more"), per_chip("import.demand.module_price")),
        **dict.fromkeys(("ten-all", "next-all"), per_chip("nvidia.price.h200.module8_rmb")),
    }
    assert {name: int(row["price"]) for name, row in orders.items() if row["price"]} == wanted


def test_the_domestic_chips_are_half_of_a_years_packages(orders, book):
    assert h200(orders, "domestic") == parts(book.get("huawei.ascend.units.2026.prior").number / 2)


def test_every_number_of_the_limits_has_a_fact_or_an_assumption(problem):
    numbers = [one for one in problem.given if one.by == "limits file" and not isinstance(one.value, str)]
    assert len(numbers) >= 4
    assert all(one.fact or one.assumption for one in numbers)


def test_the_page_names_only_facts_and_keys_that_exist(book):
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"facts? ((?:`[a-z0-9_.]+`(?:, )?)+)", text)
    ids = [name for group in named for name in re.findall(r"`([^`]+)`", group)]
    assert len(ids) >= 10
    assert [name for name in ids if name not in book] == []
    assert "money.rmb_per_usd" in load_keys()
