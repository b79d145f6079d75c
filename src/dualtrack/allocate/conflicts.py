"""Promises that cannot all be kept: a smallest set of promises, limits and stock that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dualtrack.allocate.book import AllocationFault, OrderBook, Stock
from dualtrack.allocate.columns import Columns
from dualtrack.allocate.linear import NO_PRICE, Infeasible, Linear, maximise, maximise_whole
from dualtrack.allocate.policies import Task
from dualtrack.allocate.program import build_program

# Seconds for one question whether some promises can be kept in whole lots.
PATIENCE = 10.0


@dataclass(frozen=True)
class Clash:
    """One member of a conflict: a promise, or a ceiling on units.

    Attributes:
        kind: "promise", "limit", "rule", "stock" or "lot".
        name: Order id, rule id, "stock" or "lot".
        buyer: Where it is about one buyer, else None; so for `chip` and `month`.
        amount: Units promised, or the room of the ceiling in units.
        line: Row of the order in its file.
        text: The same in words.
    """

    kind: Literal["promise", "limit", "rule", "stock", "lot"]
    name: str
    buyer: str | None
    chip: str | None
    month: str | None
    amount: float
    line: int | None
    text: str


class AllocationConflict(AllocationFault):
    """The promised units cannot all be delivered; `clashes` is a smallest set that shows why.

    Without any one of its members the others can be met.
    """

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        self.clashes = clashes
        listed = "\n".join(f"  {n}. {clash.text}" for n, clash in enumerate(clashes, 1))
        super().__init__(
            "The promised units cannot all be delivered. These contradict each other:\n"
            f"{listed}\n"
            "  Without any one of them the others can be met: lower a promise, or raise a ceiling."
        )


def check_promises(book: OrderBook, stock: Stock, lot: int | None) -> None:
    """Refuse a promise that a rule bars, or that does not fit into its order in whole lots.

    Raises:
        AllocationConflict: The first such promise, and what stands against it.
    """
    for order in np.flatnonzero(book.promised > 0):
        promise = _promise(book, stock, int(order))
        rule = book.barred[order]
        if rule is not None:
            text = f"{rule} bars order {book.order_ids[order]}"
            bar = Clash("rule", rule, promise.buyer, promise.chip, None, 0.0, promise.line, text)
            raise AllocationConflict((promise, bar))
        if lot is not None and np.ceil(book.promised[order] / lot) > np.floor(book.units[order] / lot):
            most = float(np.floor(book.units[order] / lot) * lot)
            text = (
                f"lots of {lot}: order {book.order_ids[order]} asks for {book.units[order]:,.0f} units, "
                f"so it gets at most {most:,.0f}"
            )
            raise AllocationConflict(
                (promise, Clash("lot", "lot", promise.buyer, promise.chip, None, most, promise.line, text))
            )


def find_conflict(task: Task, stock: Stock, lot: int | None = None) -> AllocationConflict:
    """A smallest conflict of a task whose promises cannot all be kept.

    Of rows and promises the set is irreducible: any one taken out, the others can be met. Greater promises
    are preferred, so that few suffice.

    Args:
        lot: The task is counted in lots of so many units, which must stay whole.

    Raises:
        AllocationFault: There is no conflict.
    """
    book = task.book
    orders = np.flatnonzero(task.live & (book.promised > 0))
    orders = orders[np.argsort(-book.promised[orders], kind="stable")]
    of_order = np.full(len(book), -1)
    of_order[orders] = np.arange(len(orders))
    columns = Columns(
        of_order, orders, book.units[orders], np.zeros(len(orders)), task.rows.weight[:, orders]
    )
    linear = build_program(book, task.rows, columns).linear
    promised = np.zeros(linear.variables)
    promised[: len(orders)] = book.promised[orders]
    rows = len(task.rows)

    def can_be_met(members: Sequence[int]) -> bool:
        """Whether rows (below `rows`) and promises (the numbers from there on) leave any point."""
        chosen = np.array(members, dtype=int)
        lower = np.zeros(linear.variables)
        kept = chosen[chosen >= rows] - rows
        lower[kept] = promised[kept]
        taken = chosen[chosen < rows]
        return _has_point(
            replace(linear, matrix=linear.matrix[taken], room=linear.room[taken], lower=lower),
            lot is not None,
        )

    suspects = _suspects(linear, promised, len(orders), rows)
    if can_be_met(suspects):
        suspects = list(range(rows + len(orders)))
        if can_be_met(suspects):
            raise AllocationFault(
                "The solver could not serve the book, though its promises can be kept: the numbers differ too much "
                "in size.\n  Look for orders or limits that are many times as large as the others."
            )
    clashes = tuple(
        _ceiling(task, stock, member, lot or 1)
        if member < rows
        else _promise(book, stock, int(orders[member - rows]), lot or 1)
        for member in smallest(suspects, lambda members: not can_be_met(members))
    )
    return AllocationConflict(tuple(sorted(clashes, key=lambda clash: clash.kind != "promise")))


def _has_point(linear: Linear, whole: bool) -> bool:
    nothing = np.zeros(linear.variables)
    try:
        if not whole:
            maximise(linear, nothing)
            return True
        return maximise_whole(linear, nothing, np.ones(linear.variables, dtype=bool), PATIENCE) is not None
    except Infeasible:
        return False


def _suspects(linear: Linear, promised: np.ndarray, promises: int, rows: int) -> list[int]:
    """Rows and promises of a proof of infeasibility (Farkas): those with a price where promises fall short least."""
    gain = np.zeros(linear.variables)
    gain[:promises] = 1.0
    upper = np.concatenate([promised[:promises], linear.upper[promises:]])
    found = maximise(replace(linear, upper=upper), gain)
    full = np.flatnonzero(found.price > NO_PRICE)
    held = np.flatnonzero(found.reduced[:promises] < 1.0 - NO_PRICE)
    return [*full.tolist(), *(held + rows).tolist()]


def smallest(members: Sequence[int], is_conflict: Callable[[Sequence[int]], bool]) -> list[int]:
    """An irreducible conflict among members that conflict, those that stand first preferred (QuickXplain).

    >>> smallest([3, 1, 2], lambda some: sum(some) >= 5)
    [3, 2]
    """

    def within(background: list[int], news: bool, some: list[int]) -> list[int]:
        if news and is_conflict(background):
            return []
        if len(some) == 1:
            return some
        first, second = some[: len(some) // 2], some[len(some) // 2 :]
        late = within(background + first, True, second)
        early = within(background + late, bool(late), first)
        return early + late

    return within([], False, list(members)) if members else []


def _promise(book: OrderBook, stock: Stock, order: int, lot: int = 1) -> Clash:
    buyer, chip = book.buyers[book.buyer[order]], book.chips[book.chip[order]].id
    month, units = stock.months[book.last_month[order]], float(book.promised[order] * lot)
    text = (
        f"order {book.order_ids[order]} (row {book.lines[order]}): {units:,.0f} units of {chip} "
        f"promised to {buyer} by {month}"
    )
    return Clash("promise", book.order_ids[order], buyer, chip, month, units, book.lines[order], text)


def _ceiling(task: Task, stock: Stock, row: int, lot: int) -> Clash:
    rows, book = task.rows, task.book
    buyer = book.buyers[rows.buyer[row]] if rows.buyer[row] >= 0 else None
    chip = book.chips[rows.chip[row]].id if rows.chip[row] >= 0 else None
    month, kind = stock.months[rows.month[row]], rows.kind[row]
    words = [rows.name[row] + (f" of {chip}" if chip else "") + (f" for {buyer}" if buyer else "")]
    words.append(f"{'in' if rows.monthly[row] else 'up to'} {month}:")
    amount = float(rows.room[row] * lot * (1.0 if rows.even[row] else rows.scale[row]))
    if kind == "rule":
        words.append("nothing may be delivered")
    else:
        words.append(f"{'room for ' if kind == 'limit' else ''}{amount:,.0f}")
        words.append("units" if rows.even[row] else "in the measure of the limit")
    return Clash(kind, rows.name[row], buyer, chip, month, amount, None, " ".join(words))
