"""An order book and a stock from a user's tables, every fault of both told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from dualtrack.allocate.book import DESTINATIONS, BoolArray, FloatArray, IntArray, Stock
from dualtrack.entities import Buyer, Chip, find_chip
from dualtrack.errors import UnknownLabel, nearest
from dualtrack.months import month_label, month_of
from dualtrack.rules.fields import END_USES
from dualtrack.tables import BLANK, Column, Factored, Table, TableFaults, gather_table, quoted, raise_together

# A longer stock than this is a slip of the pen: 2062 for 2026.
MOST_MONTHS = 120
MOST_UNITS = 1e9
MOST_USD = 1e9

ORDER_COLUMNS = (
    Column("order", unique=True),
    Column("buyer"),
    Column("chip"),
    Column("units", "number", least=1, most=MOST_UNITS, whole=True),
    Column("price", "number", required=False, least=0, most=MOST_USD),
    Column("priority", "number", required=False, least=1, most=1e6, whole=True),
    Column("domestic", "number", required=False, default=0, least=0, most=MOST_UNITS, whole=True),
    Column("destination", "choice", required=False, default="mainland", choices=DESTINATIONS),
    Column("end_use", "choice", required=False, default="commercial", choices=END_USES),
    Column("promised", "number", required=False, default=0, least=0, most=MOST_UNITS, whole=True),
    Column("from", "month", required=False),
    Column("by", "month", required=False),
    Column("note", required=False),
)
STOCK_COLUMNS = (
    Column("chip"),
    Column("month", "month"),
    Column("units", "number", least=0, most=MOST_UNITS, whole=True),
    Column("note", required=False),
)


@dataclass(frozen=True)
class Orders:
    """An order book as read; arrays have shape (order,).

    Attributes:
        buyers, chips: Each once; `buyer` and `chip` are the places in them.
        price: USD per unit; where `priced` is False, the catalogue's.
        first_month, last_month: Window of delivery, places in the stock's months.
    """

    order_ids: tuple[str, ...]
    buyers: tuple[Buyer, ...]
    chips: tuple[Chip, ...]
    buyer: IntArray
    chip: IntArray
    units: FloatArray
    price: FloatArray
    priced: BoolArray
    priority: IntArray
    domestic: FloatArray
    destination: Factored
    end_use: Factored
    promised: FloatArray
    first_month: IntArray
    last_month: IntArray
    rows: tuple[int, ...]


def read_tables(
    orders: Path, stock: Path, buyers: Mapping[str, Buyer], on: date, last_month: int | None = None
) -> tuple[Orders, Stock]:
    """The order book and the stock of two files.

    The months run from the first to the last of the stock, and on to `last_month` or the last month by which
    an order is wanted.

    Args:
        buyers: Who may order, by id.
        on: The day of the allocation; stock that comes in before its month is refused.

    Raises:
        TableFault: A file cannot be read or does not fit; all faults of both are told.
    """
    tables: list[tuple[Table, TableFaults]] = []

    def read(path: Path, columns: tuple[Column, ...], what: str) -> None:
        tables.append(gather_table(path, columns, what))

    raise_together(lambda: read(orders, ORDER_COLUMNS, "orders"), lambda: read(stock, STOCK_COLUMNS, "stock"))
    (order_table, order_faults), (stock_table, stock_faults) = tables
    ordered, order_chip = _chips(order_table, order_faults)
    stocked, stock_chip = _chips(stock_table, stock_faults)
    if (order_chip != BLANK).all():
        _check_ordered(stock_faults, stocked, stock_chip, ordered)
    _check_stock(stock_table, stock_faults, stock_chip, on)
    placed = _placed(order_table, order_faults, ordered, order_chip, buyers)
    months = _months(stock_table, order_table, last_month)
    windows = _windows(order_table, order_faults, months)
    raise_together(order_faults.raise_any, stock_faults.raise_any)
    found = Orders(**placed, **windows)
    return found, _stock(stock_table, stocked, stock_chip, months)


def _chips(table: Table, faults: TableFaults) -> tuple[tuple[Chip, ...], IntArray]:
    """The chips named, each once, and the place of each row's among them; BLANK where unknown."""
    column = table.labels("chip")
    chips: dict[str, Chip] = {}
    places: list[int] = []
    why: dict[int, str] = {}
    for n, name in enumerate(column.labels):
        try:
            chip = find_chip(name)
        except UnknownLabel as error:
            why[n] = str(error)
            places.append(BLANK)
            continue
        chips.setdefault(chip.id, chip)
        places.append(list(chips).index(chip.id))
    faults.add_labels("chip", column.codes, np.array(list(why), dtype=np.int64), why.__getitem__)
    return tuple(chips.values()), np.append(np.array(places, dtype=np.int64), BLANK)[column.codes]


def _placed(
    table: Table,
    faults: TableFaults,
    chips: tuple[Chip, ...],
    chip: IntArray,
    known: Mapping[str, Buyer],
) -> dict[str, Any]:
    """The columns of the orders that say who wants what."""
    column = table.labels("buyer")
    ids = [name.strip().lower() for name in column.labels]
    named = list(dict.fromkeys(name for name in ids if name in known))
    places = np.array([named.index(name) if name in known else BLANK for name in ids], dtype=np.int64)
    faults.add_labels(
        "buyer",
        column.codes,
        np.flatnonzero(places == BLANK),
        lambda n: (
            f"there is no buyer {quoted(column.labels[n])}.{nearest(ids[n], known)} "
            f"Known: {', '.join(known)}; others go into the limits file, under `buyers:`."
        ),
    )
    buyer = np.append(places, BLANK)[column.codes]
    units, promised = table.numbers("units"), table.numbers("promised")
    faults.add_rows("promised", promised > units, "more is promised than ordered.")
    price = table.numbers("price")
    priced = ~np.isnan(price)
    prices = np.array([np.nan if one.price_usd is None else one.price_usd.mid for one in chips] + [0.0])
    without = ~priced & np.isnan(prices[chip])
    faults.add_rows("price", without, "is empty, and the catalogue has no price of the chip. Give one.")
    priority = table.numbers("priority")
    usual = np.array([known[name].priority for name in named] + [0])
    return {
        "order_ids": tuple(table.labels("order").values("")),
        "buyers": tuple(known[name] for name in named),
        "chips": chips,
        "buyer": buyer,
        "chip": chip,
        "units": units,
        "price": np.where(priced, price, prices[chip]),
        "priced": priced,
        "priority": np.where(np.isnan(priority), usual[buyer], np.nan_to_num(priority)).astype(np.int64),
        "domestic": table.numbers("domestic"),
        "destination": table.labels("destination"),
        "end_use": table.labels("end_use"),
        "promised": promised,
        "rows": tuple(table.row_numbers.tolist()),
    }


def _check_ordered(
    faults: TableFaults, chips: tuple[Chip, ...], chip: IntArray, ordered: tuple[Chip, ...]
) -> None:
    wanted = {one.id for one in ordered}
    for place, one in enumerate(chips):
        if one.id not in wanted:
            names = ", ".join(sorted(wanted))
            faults.add_rows("chip", chip == place, f"nobody ordered {one.id}. Ordered: {names}.")


def _check_stock(table: Table, faults: TableFaults, chip: IntArray, on: date) -> None:
    month = _month_numbers(table.labels("month"))
    early = (month < month_of(on)) & (month != BLANK)
    faults.add_rows(
        "month",
        early,
        f"lies before the day of the allocation, {on}. Name an earlier day with --on, or give what is in stock "
        f"in {month_label(month_of(on))}.",
    )
    known = (chip != BLANK) & (month != BLANK)
    seen: dict[tuple[int, int], int] = {}
    for row in np.flatnonzero(known).tolist():
        first = seen.setdefault((int(chip[row]), int(month[row])), row)
        if first != row:
            same = (
                f"the chip's stock of {month_label(int(month[row]))} stands in row {table.row_numbers[first]}"
            )
            faults.add("month", row, f"{same} already. Add the two up.")
    given = month[known & ~early]
    if given.size and given.max() - given.min() >= MOST_MONTHS:
        row = int(np.flatnonzero(month == given.max())[0])
        faults.add("month", row, f"is more than {MOST_MONTHS} months after the first one. Check the year.")


def _months(stock: Table, orders: Table, last_month: int | None) -> range:
    """The months of the allocation, as whole numbers; none where no stock has a month that can be read."""
    arriving = _month_numbers(stock.labels("month"))
    arriving = arriving[arriving != BLANK]
    if not arriving.size:
        return range(0)
    first, last = int(arriving.min()), int(arriving.max())
    wanted = _month_numbers(orders.labels("by"))
    later = [int(wanted.max(initial=last)), last_month if last_month is not None else last]
    return range(first, min(max(last, *later), first + MOST_MONTHS) + 1)


def _windows(table: Table, faults: TableFaults, months: range) -> dict[str, Any]:
    """First and last month of delivery of each order, places in the months."""
    opened, closed = _month_numbers(table.labels("from")), _month_numbers(table.labels("by"))
    if not months:
        return {}
    start = np.where(opened == BLANK, months[0], np.maximum(opened, months[0]))
    end = np.where(closed == BLANK, months[-1], np.minimum(closed, months[-1]))
    span = f"the stock's months run from {month_label(months[0])} to {month_label(months[-1])}."
    backwards = (opened != BLANK) & (closed != BLANK) & (opened > closed)
    faults.add_rows("by", backwards, "lies before `from`. Swap the two.")
    faults.add_rows("from", (opened > months[-1]) & ~backwards, f"lies after the last month: {span}")
    faults.add_rows(
        "by", (closed != BLANK) & (closed < months[0]) & ~backwards, f"lies before the first month: {span}"
    )
    return {"first_month": start - months[0], "last_month": end - months[0]}


def _month_numbers(column: Factored) -> IntArray:
    return np.array([*column.labels, BLANK], dtype=np.int64)[column.codes]


def _stock(table: Table, chips: tuple[Chip, ...], chip: IntArray, months: range) -> Stock:
    units = np.zeros((len(chips), len(months)))
    month = _month_numbers(table.labels("month")) - months[0]
    np.add.at(units, (chip, month), table.numbers("units"))
    return Stock(tuple(month_label(number) for number in months), chips, units)
