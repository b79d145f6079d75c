"""Orders and stock from a user's tables: what they mean, and every fault of both with row and column."""

from datetime import date

import numpy as np
import pytest

from dualtrack.allocate.reading import read_tables
from dualtrack.entities import load_buyers
from dualtrack.tables import TableFault

BUYERS = {buyer.id: buyer for buyer in load_buyers()}
ON = date(2026, 1, 31)
ORDERS = "order,buyer,chip,units\na,bytedance,H200,100\n"
STOCK = "chip,month,units\nH200,2026-02,50\n"


def read(folder, orders=ORDERS, stock=STOCK, on=ON, **options):
    (folder / "orders.csv").write_text(orders, encoding="utf-8")
    (folder / "stock.csv").write_text(stock, encoding="utf-8")
    return read_tables(folder / "orders.csv", folder / "stock.csv", BUYERS, on, **options)


def refused(folder, *wanted, **tables):
    with pytest.raises(TableFault) as caught:
        read(folder, **tables)
    for words in wanted:
        assert words in str(caught.value), str(caught.value)
    return str(caught.value)


def test_columns_left_out_have_plain_meanings(tmp_path):
    orders, stock = read(tmp_path)
    assert [buyer.id for buyer in orders.buyers] == ["bytedance"]
    assert [chip.id for chip in orders.chips] == ["nvidia.h200_sxm"]
    assert orders.price.tolist() == [orders.chips[0].price_usd.mid]
    assert not orders.priced.any()
    assert orders.priority.tolist() == [BUYERS["bytedance"].priority]
    assert orders.destination.values() == ["mainland"]
    assert orders.end_use.values() == ["commercial"]
    assert (orders.promised.tolist(), orders.domestic.tolist()) == ([0], [0])
    assert stock.months == ("2026-02",)
    assert stock.units.tolist() == [[50]]


def test_every_column_is_read(tmp_path):
    text = (
        "order,buyer,chip,units,price,priority,domestic,destination,end_use,promised,from,by\n"
        "a,ByteDance,h200,100,20000,7,30,hong-kong,research,10,2026-03,2026-04\n"
        "b,tencent,nvidia.h20_96gb,5,,,,,,,,\n"
    )
    stock = "chip,month,units\nH200,2026-02,50\nH20,2026-05,5\n"
    orders, arriving = read(tmp_path, text, stock)
    assert orders.order_ids == ("a", "b")
    assert [orders.buyers[n].id for n in orders.buyer] == ["bytedance", "tencent"]
    assert orders.price[0] == 20000
    assert orders.priority.tolist() == [7, BUYERS["tencent"].priority]
    assert orders.destination.values() == ["hong_kong", "mainland"]
    assert orders.promised.tolist() == [10, 0]
    assert orders.first_month.tolist() == [1, 0]
    assert orders.last_month.tolist() == [2, 3]
    assert arriving.months == ("2026-02", "2026-03", "2026-04", "2026-05")
    assert arriving.units.tolist() == [[50, 0, 0, 0], [0, 0, 0, 5]]


def test_the_months_go_on_to_the_last_one_that_is_spoken_of(tmp_path):
    orders = "order,buyer,chip,units,by\na,bytedance,H200,100,2026-06\n"
    assert read(tmp_path, orders)[1].months[-1] == "2026-06"
    assert read(tmp_path, orders, last_month=2026 * 12 + 7)[1].months[-1] == "2026-08"


def test_a_window_that_opens_before_the_stock_opens_with_it(tmp_path):
    orders = "order,buyer,chip,units,from,by\na,bytedance,H200,100,2025-06,2026-02\n"
    found, _ = read(tmp_path, orders)
    assert (found.first_month.tolist(), found.last_month.tolist()) == ([0], [0])


def test_buyers_of_the_users_own_may_order(tmp_path):
    own = {**BUYERS, "acme": BUYERS["alibaba"]}
    (tmp_path / "orders.csv").write_text(ORDERS.replace("bytedance", "Acme"), encoding="utf-8")
    (tmp_path / "stock.csv").write_text(STOCK, encoding="utf-8")
    orders, _ = read_tables(tmp_path / "orders.csv", tmp_path / "stock.csv", own, ON)
    assert orders.buyers == (BUYERS["alibaba"],)


ONE_FAULT = {
    "an empty book": ("order,buyer,chip,units\n", ["orders.csv", "a header and no rows"]),
    "an empty file": ("", ["orders.csv is empty"]),
    "negative units": (ORDERS.replace("100", "-100"), ["row 2, units", "'-100'", "from 1"]),
    "fractional units": (ORDERS.replace("100", "99.5"), ["row 2, units", "'99.5'", "a whole number"]),
    "no units": (ORDERS.replace("100", "0"), ["row 2, units", "from 1"]),
    "an unknown buyer": (
        ORDERS.replace("bytedance", "bytedanse"),
        ["row 2, buyer", "'bytedanse'", "Did you mean 'bytedance'", "limits file"],
    ),
    "an unknown chip": (ORDERS.replace("H200", "H201"), ["row 2, chip", "'H201'", "Did you mean", "'h200'"]),
    "a duplicate id": (
        ORDERS + "b,tencent,H200,5\na,tencent,H200,5\n",
        ["row 4, order", "'a' stands in row 2 already"],
    ),
    "an unknown destination": (
        "order,buyer,chip,units,destination\na,bytedance,H200,100,macau\n",
        ["row 2, destination", "mainland or hong_kong or offshore"],
    ),
    "a promise above the order": (
        "order,buyer,chip,units,promised\na,bytedance,H200,100,101\n",
        ["row 2, promised", "more is promised than ordered"],
    ),
    "a window that closes before it opens": (
        "order,buyer,chip,units,from,by\na,bytedance,H200,100,2026-03,2026-02\n",
        ["row 2, by", "lies before `from`"],
    ),
    "a window after the last month": (
        "order,buyer,chip,units,from\na,bytedance,H200,100,2026-03\n",
        ["row 2, from", "lies after the last month", "2026-02"],
    ),
    "a window before the first month": (
        "order,buyer,chip,units,by\na,bytedance,H200,100,2026-01\n",
        ["row 2, by", "lies before the first month", "2026-02"],
    ),
    "a month in words": (
        "order,buyer,chip,units,by\na,bytedance,H200,100,March\n",
        ["row 2, by", "a month such as 2026-02"],
    ),
    "a price that nobody knows": (
        ORDERS.replace("H200", "nvidia.h100_pcie"),
        ["row 2, price", "the catalogue has no price"],
    ),
    "a misspelt column": (
        ORDERS.replace("units", "unit"),
        ["unit: there is no such column", "Did you mean 'units'", "units: the column is missing"],
    ),
}


@pytest.mark.parametrize("orders,wanted", ONE_FAULT.values(), ids=ONE_FAULT)
def test_a_fault_of_the_orders_is_told_with_row_and_column(tmp_path, orders, wanted):
    refused(tmp_path, *wanted, orders=orders, stock=STOCK.replace("H200", "nvidia.h100_pcie") if "h100_pcie" in orders else STOCK)  # fmt: skip


STOCK_FAULTS = {
    "a chip that nobody ordered": (STOCK + "H20,2026-02,5\n", ["row 3, chip", "nobody ordered nvidia.h20_96gb"]),
    "an unknown chip": (STOCK.replace("H200", "H2O0"), ["row 2, chip", "Did you mean"]),
    "fractional units": (STOCK.replace("50", "0.5"), ["row 2, units", "a whole number"]),
    "negative units": (STOCK.replace("50", "-5"), ["row 2, units", "from 0"]),
    "a month before the day": (STOCK.replace("2026-02", "2025-12"), ["row 2, month", "2026-01-31", "--on"]),
    "a month without law": (STOCK.replace("2026-02", "2021-12"), ["row 2, month", "lies before the day"]),
    "a month in words": (STOCK.replace("2026-02", "Feb 26"), ["row 2, month", "a month such as"]),
    "the same month twice": (STOCK + "h200,2026-02,5\n", ["row 3, month", "stands in row 2 already"]),
    "a slip of the year": (STOCK + "H200,2062-02,5\n", ["row 3, month", "Check the year"]),
    "no stock": ("chip,month,units\n", ["stock.csv", "a header and no rows"]),
}  # fmt: skip


@pytest.mark.parametrize("stock,wanted", STOCK_FAULTS.values(), ids=STOCK_FAULTS)
def test_a_fault_of_the_stock_is_told_with_row_and_column(tmp_path, stock, wanted):
    refused(tmp_path, "stock.csv", *wanted, stock=stock)


def test_the_faults_of_both_files_are_told_together(tmp_path):
    message = refused(
        tmp_path,
        "orders.csv, row 2, units",
        "orders.csv, row 2, buyer",
        "stock.csv, row 2, month",
        orders="order,buyer,chip,units\na,nobody,H200,1.5\n",
        stock="chip,month,units\nH200,May,50\n",
    )
    assert message.count("cannot be used") == 2


def test_the_headers_of_both_files_are_told_together(tmp_path):
    refused(tmp_path, "orders.csv, units", "stock.csv, month", orders="order,buyer,chip\na,b,c\n", stock="chip,units\nH200,5\n")  # fmt: skip


def test_a_wrong_chip_of_one_file_is_not_blamed_on_the_other(tmp_path):
    message = refused(tmp_path, "orders.csv, row 2, chip", orders=ORDERS.replace("H200", "H2000"))
    assert "stock.csv" not in message
    message = refused(tmp_path, "stock.csv, row 2, chip", stock=STOCK.replace("H200", "H2000"))
    assert "orders.csv" not in message


def test_a_long_book_keeps_its_columns_together(tmp_path):
    random = np.random.default_rng(7)
    names = np.array(["bytedance", "alibaba", "tencent"])[random.integers(0, 3, 500)]
    chips = np.array(["H200", "H20", "B200"])[random.integers(0, 3, 500)]
    units = random.integers(1, 1000, 500)
    rows = "".join(f"o{n},{b},{c},{u}\n" for n, (b, c, u) in enumerate(zip(names, chips, units, strict=True)))
    found, _ = read(tmp_path, "order,buyer,chip,units\n" + rows)
    assert [found.buyers[n].id for n in found.buyer] == names.tolist()
    assert [found.chips[n].aliases[0] for n in found.chip] == chips.tolist()
    assert found.units.tolist() == units.tolist()
