"""One allocation: who gets what in which month, what stops whom, and what one more unit of each limit is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualtrack.allocate.book import AllocationFault, FloatArray, OrderBook, Stock, check_book
from dualtrack.allocate.conflicts import check_promises, find_conflict
from dualtrack.allocate.counts import Counts, check_counts
from dualtrack.allocate.explain import (
    Binding,
    ShadowPrice,
    bindings,
    domestic_due,
    jain_index,
    shadow_prices,
)
from dualtrack.allocate.linear import Infeasible, settled
from dualtrack.allocate.lots import Lots, NoTime, in_lots, whole_lots
from dualtrack.allocate.policies import (
    POLICIES,
    TIE_BREAKS,
    TIE_BREAKS_IN_LOTS,
    Level,
    Policy,
    Shares,
    Task,
    share_out,
)
from dualtrack.allocate.rows import Ceilings, build_rows
from dualtrack.errors import nearest
from dualtrack.rules import Rulebook


@dataclass(frozen=True)
class Objective:
    """What a policy makes as large as it can, and how large it became."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Served:
    """What one buyer asked for and got, in units.

    Attributes:
        asked: All units asked for; `barred` is the part in orders that a rule bars.
        share: Units got by units asked for and not barred; 0 where all is barred.
        domestic_due: Domestic chips owed for what is cleared, that before the first month included;
            None where the ratio was never published and not given.
        domestic_bought: Domestic chips that count for the ratio, those of the orders included.
    """

    buyer: str
    asked: float
    barred: float
    units: float
    usd: float
    h100e: float
    share: float
    domestic_due: float | None
    domestic_bought: float
    binding: tuple[Binding, ...]


@dataclass(frozen=True)
class Allocation:
    """Units by order and month, and what they mean.

    Attributes:
        units: Shape (order, month).
        tie_break: How orders that the policy holds equal were told apart, in words.
        usd: What the units cost, and `h100e` what they add up to in H100 equivalents.
        jain: Jain's index over the buyers' shares, those with nothing but barred orders left out.
        least_share: The smallest of those shares.
        barred: The rule that bars an order, by order id.
        not_published: Limits left out because a number of theirs was never published, and the reason.
        notes: What else was taken for granted, in words.
        lot: Units that are delivered together, None for any number.
        gap: Part by which a better allocation can at most exceed this one, as the solver states it; 0
            without lots.
        prices_of_relaxation: Whether the prices are those of the problem without lots.
        seconds: Time spent.
        programs: Linear programs solved.
    """

    policy: Policy
    level: Level
    months: tuple[str, ...]
    units: FloatArray
    objective: Objective
    tie_break: str
    usd: float
    h100e: float
    served: tuple[Served, ...]
    shadow_prices: tuple[ShadowPrice, ...]
    jain: float
    least_share: float
    barred: Mapping[str, str]
    not_published: Mapping[str, str]
    notes: tuple[str, ...]
    lot: int | None
    gap: float
    prices_of_relaxation: bool
    seconds: float
    programs: int


def allocate(
    book: OrderBook,
    stock: Stock,
    rulebook: Rulebook,
    parameters_by_month: Sequence[Mapping[str, Any]],
    counts: Counts,
    *,
    policy: Policy = "value",
    level: Level = "share",
    lot: int | None = None,
    seconds: float = 60.0,
) -> Allocation:
    """The stock shared out among the orders by a policy, within every limit of the rulebook.

    Args:
        parameters_by_month: The numbers of the rules in each month of the stock.
        level: What max-min raises: the share of what a buyer asked for, or its units.
        lot: Units that are delivered together; every delivery is a whole number of lots.
        seconds: Time after which the search for whole lots stops, with the gap stated.

    Raises:
        AllocationFault: The book, the stock or an option cannot be used.
        AllocationConflict: The promised units cannot all be delivered.
    """
    return _Desk(book, stock, rulebook, parameters_by_month, counts, lot, seconds).allocation(policy, level)


def compare(
    book: OrderBook,
    stock: Stock,
    rulebook: Rulebook,
    parameters_by_month: Sequence[Mapping[str, Any]],
    counts: Counts,
    *,
    level: Level = "share",
    lot: int | None = None,
    seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> Mapping[Policy, Allocation]:
    """The same book shared out by every policy, by the policy's name.

    Args:
        seconds: Of one policy.
        progress: Called with the steps done and all steps: the rows built, and each policy.
    """
    desk = _Desk(book, stock, rulebook, parameters_by_month, counts, lot, seconds)
    found: dict[Policy, Allocation] = {}
    for policy in POLICIES:
        if progress:
            progress(1 + len(found), 1 + len(POLICIES))
        found[policy] = desk.allocation(policy, level)
    return found


class _Desk:
    """One problem, checked, with its rows built once for all policies."""

    def __init__(
        self,
        book: OrderBook,
        stock: Stock,
        rulebook: Rulebook,
        parameters_by_month: Sequence[Mapping[str, Any]],
        counts: Counts,
        lot: int | None,
        seconds: float,
    ) -> None:
        check_book(book, stock)
        check_counts(counts, book, stock)
        if len(parameters_by_month) != len(stock.months):
            raise AllocationFault(
                f"The rules are given for {len(parameters_by_month)} months, the stock for {len(stock.months)}."
            )
        if lot is not None and lot < 1:
            raise AllocationFault(f"A lot of {lot} units cannot be. Wanted: a whole number from 1 on.")
        check_promises(book, stock, lot)
        began = time.monotonic()
        self.book, self.stock, self.counts, self.lot, self.limit = book, stock, counts, lot, seconds
        self.ceilings: Ceilings = build_rows(book, stock, rulebook, parameters_by_month, counts)
        of_chip = [chip.h100e for chip in book.chips]
        self.unknown = [chip.id for chip, h100e in zip(book.chips, of_chip, strict=True) if h100e is None]
        h100e = np.array([0.0 if value is None else value for value in of_chip])[book.chip]
        self.task = Task(book, self.ceilings.rows, self.ceilings.live, h100e)
        self.preparing = time.monotonic() - began

    def allocation(self, policy: Policy, level: Level) -> Allocation:
        if policy not in POLICIES:
            raise AllocationFault(f"There is no policy {policy!r}.{nearest(policy, POLICIES)}")
        if level not in ("share", "units"):
            raise AllocationFault(f"There is no level {level!r}. Known: share, units.")
        if policy == "compute" and self.unknown:
            raise AllocationFault(
                f"{', '.join(self.unknown)}: no 8-bit or 16-bit rate is known, so there are no H100 equivalents.\n"
                "  Take these orders out, or choose another policy."
            )
        began = time.monotonic()
        try:
            shares = share_out(self.task, policy, level)
            lots = self._lots(policy, shares)
            units = settled(shares.units if lots is None else lots.units)
        except Infeasible:
            raise self._conflict() from None
        spent = self.preparing + time.monotonic() - began
        return self._told(policy, level, shares, units, lots, spent)

    def _lots(self, policy: Policy, shares: Shares) -> Lots | None:
        if self.lot is None:
            return None
        try:
            return whole_lots(self.task, policy, shares, self.lot, self.limit)
        except NoTime:
            raise AllocationFault(
                f"No allocation in whole lots of {self.lot} was found in {self.limit:g} seconds. Give more time, "
                "or a larger lot."
            ) from None

    def _conflict(self) -> AllocationFault:
        try:
            share_out(self.task, "value", "share")
        except Infeasible:
            return find_conflict(self.task, self.stock)
        # The linear program has a point, so it is the lots that cannot be met.
        return find_conflict(in_lots(self.task, self.lot or 1), self.stock, self.lot or 1)

    def _told(
        self,
        policy: Policy,
        level: Level,
        shares: Shares,
        units: FloatArray,
        lots: Lots | None,
        seconds: float,
    ) -> Allocation:
        ceilings, book = self.ceilings, self.book
        served = self._served(shares, units)
        admitted = np.array([one.share for one in served if one.asked > one.barred])
        notes = list(ceilings.notes)
        if self.unknown:
            notes.append(f"H100 equivalents leave out {', '.join(self.unknown)}, of which no rate is known.")
        return Allocation(
            policy=policy,
            level=level,
            months=self.stock.months,
            units=units,
            objective=self._objective(policy, level, units, served),
            tie_break=(TIE_BREAKS if lots is None else TIE_BREAKS_IN_LOTS)[policy],
            usd=float(book.price @ units.sum(axis=1)),
            h100e=float(self.task.h100e @ units.sum(axis=1)),
            served=served,
            shadow_prices=shadow_prices(
                self.task,
                ceilings,
                shares,
                units,
                self.stock.months,
                self.counts.ratio_basis,
                self.counts.domestic_weight,
            ),
            jain=jain_index(admitted),
            least_share=float(admitted.min(initial=np.inf)) if admitted.size else 0.0,
            barred={name: rule for name, rule in zip(book.order_ids, book.barred, strict=True) if rule},
            not_published=ceilings.not_published,
            notes=(*notes, *(lots.notes if lots else ())),
            lot=self.lot,
            gap=lots.gap if lots else 0.0,
            prices_of_relaxation=lots is not None,
            seconds=seconds,
            programs=shares.rounds,
        )

    def _served(self, shares: Shares, units: FloatArray) -> tuple[Served, ...]:
        book, count = self.book, len(self.book.buyers)
        barred = np.array([rule is not None for rule in book.barred])
        got = units.sum(axis=1)

        def by_buyer(amounts: FloatArray) -> FloatArray:
            return np.bincount(book.buyer, amounts, count).astype(np.float64)

        asked, out = by_buyer(book.units), by_buyer(book.units * barred)
        given, usd, h100e = by_buyer(got), by_buyer(got * book.price), by_buyer(got * self.task.h100e)
        ratio = self.ceilings.ratio
        due = domestic_due(ratio, book, units) if ratio else None
        bought = self.ceilings.domestic_bought
        stops = bindings(self.task, shares, units, self.stock.months, self.lot)
        return tuple(
            Served(
                buyer,
                float(asked[n]),
                float(out[n]),
                float(given[n]),
                float(usd[n]),
                float(h100e[n]),
                float(given[n] / (asked[n] - out[n])) if asked[n] > out[n] else 0.0,
                None if due is None else float(due[n]),
                float(bought[n]),
                stops[n],
            )
            for n, buyer in enumerate(book.buyers)
        )

    def _objective(
        self, policy: Policy, level: Level, units: FloatArray, served: Sequence[Served]
    ) -> Objective:
        book, got, live = self.book, units.sum(axis=1), self.ceilings.live
        if policy == "value":
            return Objective("value", float(book.price @ got), "USD")
        if policy == "compute":
            return Objective("compute", float(self.task.h100e @ got), "H100e")
        admitted = [one for one in served if one.asked > one.barred]
        if policy == "max-min" and level == "units":
            return Objective("least units", min((one.units for one in admitted), default=0.0), "units")
        if policy == "max-min":
            return Objective("least served share", min((one.share for one in admitted), default=0.0), "share")
        if policy == "pro-rata":
            parts = got[live] / book.units[live]
            return Objective("least part of an order", float(parts.min(initial=1.0)), "share")
        first = live & (book.priority == np.min(book.priority, where=live, initial=np.iinfo(int).max))
        asked = float(book.units[first].sum())
        return Objective(
            "share of the first priority", float(got[first].sum() / asked) if asked else 0.0, "share"
        )
